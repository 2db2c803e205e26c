"""Search: a line of words for each request, with an index that the database itself keeps up with the lines.

Queue: views that people keep, what they have read, orders by age and amount.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQLITE = {
    "install": [
        # Words are made in Python: letters and digits in ASCII, and whole words beyond it, which is what "ascii" takes.
        """CREATE VIRTUAL TABLE approvals_searchindex USING fts5(
             words, content='approvals_searchline', content_rowid='request_id', tokenize='ascii', detail='none')""",
        """CREATE TRIGGER search_line_added AFTER INSERT ON approvals_searchline BEGIN
             INSERT INTO approvals_searchindex (rowid, words) VALUES (NEW.request_id, NEW.words); END""",
        """CREATE TRIGGER search_line_removed AFTER DELETE ON approvals_searchline BEGIN
             INSERT INTO approvals_searchindex (approvals_searchindex, rowid, words)
             VALUES ('delete', OLD.request_id, OLD.words); END""",
        """CREATE TRIGGER search_line_changed AFTER UPDATE ON approvals_searchline BEGIN
             INSERT INTO approvals_searchindex (approvals_searchindex, rowid, words)
             VALUES ('delete', OLD.request_id, OLD.words);
             INSERT INTO approvals_searchindex (rowid, words) VALUES (NEW.request_id, NEW.words); END""",
    ],
    "remove": [
        "DROP TRIGGER search_line_added",
        "DROP TRIGGER search_line_removed",
        "DROP TRIGGER search_line_changed",
        "DROP TABLE approvals_searchindex",
    ],
}
POSTGRESQL = {
    "install": [
        # Not to_tsvector: PostgreSQL would part words in ways of its own.
        """ALTER TABLE approvals_searchline ADD COLUMN found tsvector
           GENERATED ALWAYS AS (array_to_tsvector(string_to_array(btrim(words), ' '))) STORED""",
        "CREATE INDEX search_words ON approvals_searchline USING gin (found)",
    ],
    "remove": ["ALTER TABLE approvals_searchline DROP COLUMN found"],
}


def run(connection, step):
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[connection.vendor][step]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def read_all(apps, editor):
    """Have the worker read what is there already."""
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO approvals_searchdue (approval_id) SELECT approval_id FROM approvals_approvalrequest"
        )


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0005_policies"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("approval_id", models.CharField(max_length=255)),
            ],
        ),
        migrations.CreateModel(
            name="SearchLine",
            fields=[
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_line",
                        serialize=False,
                        to="approvals.approvalrequest",
                    ),
                ),
                ("words", models.TextField()),
            ],
        ),
        migrations.RunPython(
            lambda apps, editor: run(editor.connection, "install"),
            lambda apps, editor: run(editor.connection, "remove"),
        ),
        migrations.RunPython(read_all, migrations.RunPython.noop),
        migrations.CreateModel(
            name='ReadMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_digest', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('query', models.TextField(help_text='The address behind the question mark.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name='user',
            name='shortcuts',
            field=models.BooleanField(default=True, editable=False, verbose_name='keyboard shortcuts'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('status', 'pending')), fields=['audience', 'created_at', 'id'], name='pending_by_age'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('amount__isnull', False), ('status', 'pending')), fields=['audience', 'amount', 'id'], name='pending_by_amount'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('amount__isnull', False), ('status', 'pending')), fields=['amount', 'id'], name='all_pending_by_amount'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('status', 'pending'), ('waits_for__isnull', False)), fields=['waits_for', 'created_at', 'id'], name='pending_by_turn_and_age'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('amount__isnull', False), ('status', 'pending'), ('waits_for__isnull', False)), fields=['waits_for', 'amount', 'id'], name='pending_by_turn_and_amount'),
        ),
        migrations.AddField(
            model_name='readmark',
            name='reader',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='readmark',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='read_marks', to='approvals.approvalrequest'),
        ),
        migrations.AddField(
            model_name='savedview',
            name='group',
            field=models.ForeignKey(help_text='Shared with.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='auth.group'),
        ),
        migrations.AddField(
            model_name='savedview',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='user',
            name='default_view',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='approvals.savedview'),
        ),
        migrations.AddConstraint(
            model_name='readmark',
            constraint=models.UniqueConstraint(fields=('reader', 'request'), name='one_read_mark_per_person'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('owner', 'name'), name='view_name_once_per_person'),
        ),
    ]

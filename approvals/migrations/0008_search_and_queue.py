"""Search: a line of words for each request, with an index that the database itself keeps up with the lines."""

import django.db.models.deletion
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
    dependencies = [("approvals", "0003_structured_answers")]

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
    ]

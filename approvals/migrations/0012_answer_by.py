"""Until when those asked now have time, so that the queue is sorted and filtered by it.

Made for a portal in use: a column that may be empty is added without rewriting the table, and PostgreSQL builds and
drops indexes beside the traffic, which it does in no transaction. Stopped anywhere, it can be started again.
"""

from django.db import migrations, models
from django.db.models.functions import Coalesce, Least

ANSWER_BY = Coalesce(Least("waits_until", "expires_at"), "expires_at")


class AddColumn(migrations.AddField):
    """Adds it where it is not there yet."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        with schema_editor.connection.cursor() as cursor:
            columns = schema_editor.connection.introspection.get_table_description(cursor, table)
        if self.name not in {column.name for column in columns}:
            super().database_forwards(app_label, schema_editor, from_state, to_state)


def lay(model, index, schema_editor):
    # What an interrupted build left is of no use.
    drop(index.name, schema_editor)
    beside = {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
    schema_editor.add_index(model, index, **beside)


def drop(name, schema_editor):
    beside = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP INDEX {beside}IF EXISTS {name}")


class AddIndex(migrations.AddIndex):
    """Adds it beside the traffic."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        lay(to_state.apps.get_model(app_label, self.model_name), self.index, schema_editor)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        drop(self.index.name, schema_editor)


class RemoveIndex(migrations.RemoveIndex):
    """Removes it beside the traffic."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        drop(self.name, schema_editor)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        index = to_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        lay(to_state.apps.get_model(app_label, self.model_name), index, schema_editor)


def fill(apps, schema_editor):
    """Say it of the steps that are under way; an index has the few."""
    steps = apps.get_model("approvals", "EffectivePolicy").objects
    own = steps.filter(request=models.OuterRef("pk")).values("due_at")
    timed = steps.filter(due_at__isnull=False).values("request")
    requests = apps.get_model("approvals", "ApprovalRequest").objects
    requests.filter(pk__in=timed).update(waits_until=models.Subquery(own))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("approvals", "0011_language")]

    operations = [
        AddColumn(
            model_name="approvalrequest",
            name="waits_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndex(
            model_name="approvalrequest",
            index=models.Index(
                ANSWER_BY,
                "id",
                name="pending_by_answer",
                condition=models.Q(status="pending"),
            ),
        ),
        AddIndex(
            model_name="approvalrequest",
            index=models.Index(
                "audience",
                ANSWER_BY,
                "id",
                name="audience_by_answer",
                condition=models.Q(status="pending", waits_for__isnull=True),
            ),
        ),
        AddIndex(
            model_name="approvalrequest",
            index=models.Index(
                "waits_for",
                ANSWER_BY,
                "id",
                name="turn_by_answer",
                condition=models.Q(status="pending", waits_for__isnull=False),
            ),
        ),
        RemoveIndex(model_name="approvalrequest", name="pending_by_deadline"),
        RemoveIndex(model_name="approvalrequest", name="pending_by_audience"),
        RemoveIndex(model_name="approvalrequest", name="pending_by_turn"),
    ]

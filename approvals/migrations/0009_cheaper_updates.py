"""The mirror's rows are written again for every event of their life: fewer indexes, and room for the next version.

On PostgreSQL an update that changes no indexed column touches no index either, if the new version fits on the page of
the old one. New pages are therefore filled by half only. Pages that are full already get their room as they are used.
"""

import django.db.models.deletion
from django.db import migrations, models

TABLES = ("approvals_approvalrequest", "approvals_run")


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = 50)")


def fill_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("approvals", "0008_notifications")]

    operations = [
        migrations.AddIndex(
            model_name="approvalrequest",
            index=models.Index(fields=["run_name"], name="requests_by_run"),
        ),
        migrations.AlterField(
            model_name="approvalrequest",
            name="run_name",
            field=models.CharField(max_length=64),
        ),
        migrations.AlterField(
            model_name="approvalrequest",
            name="audience",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="approvals.audience"
            ),
        ),
        migrations.RunPython(leave_room, fill_up),
    ]

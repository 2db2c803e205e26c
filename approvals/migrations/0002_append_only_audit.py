"""The database refuses to change or delete a line of the record, whoever asks."""

from django.db import migrations

SQLITE = {
    "install": [
        """CREATE TRIGGER audit_no_update BEFORE UPDATE ON approvals_auditevent
           BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
        """CREATE TRIGGER audit_no_delete BEFORE DELETE ON approvals_auditevent
           BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
        # INSERT OR REPLACE deletes without firing delete triggers.
        """CREATE TRIGGER audit_no_replace BEFORE INSERT ON approvals_auditevent
           WHEN EXISTS (SELECT 1 FROM approvals_auditevent WHERE id = NEW.id)
           BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
    ],
    "remove": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete", "DROP TRIGGER audit_no_replace"],
}
POSTGRESQL = {
    "install": [
        """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$""",
        """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON approvals_auditevent
           FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
        """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON approvals_auditevent
           FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
    ],
    "remove": [
        "DROP TRIGGER audit_no_change ON approvals_auditevent",
        "DROP TRIGGER audit_no_truncate ON approvals_auditevent",
        "DROP FUNCTION audit_append_only()",
    ],
}


def run(connection, step):
    """Run the statements of one step; the suite uses this to empty tables between tests."""
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[connection.vendor][step]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_tables")]
    operations = [
        migrations.RunPython(
            lambda apps, editor: run(editor.connection, "install"),
            lambda apps, editor: run(editor.connection, "remove"),
        )
    ]

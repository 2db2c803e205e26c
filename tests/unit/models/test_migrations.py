"""The tables can be made, taken down and made again."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from approvals.models import Actor, AuditEvent


@pytest.mark.django_db
def test_the_models_and_the_migrations_agree() -> None:
    call_command("makemigrations", "approvals", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_to_nothing_and_forth_again() -> None:
    names = sorted(name for app, name in MigrationRecorder(connection).applied_migrations() if app == "approvals")
    try:
        for name in [*reversed(names[:-1]), None]:
            MigrationExecutor(connection).migrate([("approvals", name)])
        assert not [table for table in connection.introspection.table_names() if table.startswith("approvals_")]
    finally:
        call_command("migrate", verbosity=0)
    AuditEvent.objects.record(Actor.system("test"), "thing.seen", "thing:one")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.all().delete()

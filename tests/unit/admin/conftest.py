"""People at the door of the record."""

import pytest
from django.test import Client

from approvals.models import AuditEvent, User
from tests.factories import person


@pytest.fixture
def auditor(client: Client) -> Client:
    """A browser in which an auditor is signed in."""
    client.force_login(person("olga", "auditors"))
    return client


@pytest.fixture
def admin_person() -> User:
    """An admin who is neither staff nor superuser: the group alone counts."""
    return person("adam", "admins")


@pytest.fixture
def as_admin(client: Client, admin_person: User) -> Client:
    """A browser in which the admin is signed in."""
    client.force_login(admin_person)
    return client


def actions_on_record() -> list[str]:
    """What the record says was done, oldest first."""
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))

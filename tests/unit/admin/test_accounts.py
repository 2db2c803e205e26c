"""Accounts and groups: admins change them, and every change is on the record."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from approvals.models import AuditEvent, User
from tests.factories import person
from tests.unit.admin.browsing import send
from tests.unit.admin.conftest import actions_on_record

pytestmark = pytest.mark.django_db


def form(user: User, **changes: Any) -> dict[str, Any]:
    """The change form as a browser would send it; a value of None is left out."""
    values = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "time_zone": user.time_zone,
        "is_active": "on",
        "groups": [group.pk for group in user.groups.all()],
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def address(user: User) -> str:
    return f"/admin/approvals/user/{user.pk}/change/"


def test_joining_and_leaving_groups_is_on_the_record(as_admin: Client) -> None:
    anna = person("anna", "managers")
    finance = Group.objects.create(name="finance")
    assert as_admin.post(address(anna), form(anna, groups=[finance.pk])).status_code == 302
    event = AuditEvent.objects.get(action="user.groups_changed")
    assert (event.actor, event.object_id, event.summary) == ("adam", "anna", "+finance -managers")
    assert list(anna.groups.values_list("name", flat=True)) == ["finance"]


def test_an_account_made_inactive_is_on_the_record(as_admin: Client) -> None:
    anna = person("anna", "managers")
    as_admin.post(address(anna), form(anna, is_active=None))
    anna.refresh_from_db()
    assert not anna.is_active
    assert AuditEvent.objects.get(action="user.changed").data["fields"] == ["Active"]


def test_the_pages_of_an_account_and_a_group_are_saved_with_the_fields_they_hold(as_admin: Client) -> None:
    anna = person("anna", "managers")
    assert send(as_admin, address(anna), "user_form", first_name="Anna").status_code == 302
    anna.refresh_from_db()
    groups = list(anna.groups.values_list("name", flat=True))
    assert (anna.first_name, anna.is_active, groups) == ("Anna", True, ["managers"])
    assert send(as_admin, "/admin/auth/group/add/", "group_form", name="leaders").status_code == 302
    assert Group.objects.filter(name="leaders").exists()
    assert send(as_admin, f"/admin/auth/group/{anna.groups.get().pk}/change/", "group_form").status_code == 302


def test_a_new_account_is_on_the_record_without_its_password(as_admin: Client) -> None:
    words = "entirely unguessable 42"
    as_admin.post(
        "/admin/approvals/user/add/",
        {"username": "nina", "usable_password": "true", "password1": words, "password2": words},
    )
    assert User.objects.get(username="nina").check_password(words)
    assert words not in str(list(AuditEvent.objects.values()))
    assert "user.created" in actions_on_record()


def test_setting_a_password_is_on_the_record(as_admin: Client) -> None:
    anna = person("anna")
    words = "entirely unguessable 42"
    as_admin.post(
        f"/admin/approvals/user/{anna.pk}/password/",
        {"usable_password": "true", "password1": words, "password2": words},
    )
    anna.refresh_from_db()
    assert anna.check_password(words)
    assert AuditEvent.objects.get(action="user.changed").object_id == "anna"


def test_a_name_that_differs_only_in_case_is_refused(as_admin: Client) -> None:
    person("rita")
    words = "entirely unguessable 42"
    as_admin.post(
        "/admin/approvals/user/add/",
        {"username": "Rita", "usable_password": "true", "password1": words, "password2": words},
    )
    assert not User.objects.filter(username="Rita").exists()


def test_nobody_changes_their_own_groups(as_admin: Client, admin_person: User) -> None:
    managers = Group.objects.create(name="managers")
    as_admin.post(address(admin_person), form(admin_person, groups=[managers.pk], first_name="Ada"))
    admin_person.refresh_from_db()
    assert admin_person.first_name == "Ada"
    assert list(admin_person.groups.values_list("name", flat=True)) == ["admins"]


def test_a_username_never_changes(as_admin: Client) -> None:
    anna = person("anna")
    as_admin.post(address(anna), form(anna, username="rita"))
    anna.refresh_from_db()
    assert anna.username == "anna"


def test_an_admin_cannot_make_a_superuser_nor_touch_one(as_admin: Client) -> None:
    anna = person("anna")
    as_admin.post(address(anna), form(anna, is_superuser="on"))
    anna.refresh_from_db()
    assert not anna.is_superuser
    root = person("root", is_superuser=True)
    assert as_admin.post(address(root), form(root, first_name="Mallory")).status_code == 403
    assert as_admin.get(f"/admin/approvals/user/{root.pk}/password/").status_code == 403


def test_no_account_is_deleted(as_admin: Client) -> None:
    anna = person("anna")
    assert as_admin.post(f"/admin/approvals/user/{anna.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(username="anna").exists()


def test_a_group_is_made_and_keeps_its_name(as_admin: Client) -> None:
    as_admin.post("/admin/auth/group/add/", {"name": "legal"})
    legal = Group.objects.get(name="legal")
    as_admin.post(f"/admin/auth/group/{legal.pk}/change/", {"name": "everyone"})
    legal.refresh_from_db()
    assert legal.name == "legal"
    assert "group.created" in actions_on_record()


def test_changing_ones_own_password_is_on_the_record(as_admin: Client, admin_person: User) -> None:
    words = "entirely unguessable 42"
    as_admin.post(
        "/admin/password_change/",
        {"old_password": "correct horse battery", "new_password1": words, "new_password2": words},
    )
    admin_person.refresh_from_db()
    assert admin_person.check_password(words)
    assert "user.password_changed" in actions_on_record()

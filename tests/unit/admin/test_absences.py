"""Absences in the admin: entered and ended for others, by the portal's own rules, on the record."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from approvals.models import Absence, AuditEvent
from tests.factories import absence, person

pytestmark = pytest.mark.django_db
LIST = "/admin/approvals/absence/"


def typed(**fields: object) -> dict[str, object]:
    until = f"{timezone.now() + timedelta(days=3):%Y-%m-%dT%H:%M}"
    return {"person": "anna", "deputy": "ben", "starts_at": "", "until": until, "reason": "", **fields}


@pytest.fixture(autouse=True)
def people() -> None:
    """Who works here."""
    person("anna", "managers")
    person("ben")


def test_an_admin_enters_one_for_somebody(as_admin: Client) -> None:
    answer = as_admin.post(f"{LIST}add/", typed(only=["expense"]))
    assert answer.status_code == 302, answer.text
    made = Absence.objects.get()
    assert (made.person.username, made.only, made.created_by.username) == ("anna", ("expense",), "adam")
    assert AuditEvent.objects.get(action="user.away_set").actor == "adam"
    assert "Ben for Anna" in as_admin.get(LIST).text
    history = as_admin.get(f"{LIST}{made.pk}/history/", follow=True).text
    assert "Deputy named" in history


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"deputy": "anna"}, "their own deputy"),
        ({"person": "zed"}, "Nobody here is called zed"),
        ({"until": ""}, "required"),
    ],
)
def test_what_is_wrong_is_said_in_the_form(as_admin: Client, fields: dict[str, object], words: str) -> None:
    answer = as_admin.post(f"{LIST}add/", typed(**fields))
    assert answer.status_code == 200
    assert words in answer.text
    assert not Absence.objects.exists()


def test_what_runs_can_only_be_ended_and_what_is_over_stays(as_admin: Client) -> None:
    made = absence("anna", "ben")
    page = as_admin.get(f"{LIST}{made.pk}/change/").text
    assert 'name="deputy"' not in page
    assert 'name="end_now"' in page
    as_admin.post(f"{LIST}{made.pk}/change/", {"end_now": "on"})
    made.refresh_from_db()
    assert made.ended_at is not None
    assert AuditEvent.objects.get(action="user.away_ended").actor == "adam"
    assert 'name="end_now"' not in as_admin.get(f"{LIST}{made.pk}/change/").text


def test_what_is_to_come_is_changed_but_for_the_person(as_admin: Client) -> None:
    person("carl")
    begin = timezone.now() + timedelta(days=1)
    made = absence("anna", "ben", starts_at=begin, until=begin + timedelta(days=1))
    fields = typed(person="carl", deputy="carl", starts_at=f"{begin:%Y-%m-%dT%H:%M}")
    assert as_admin.post(f"{LIST}{made.pk}/change/", fields).status_code == 302
    made.refresh_from_db()
    assert (made.person.username, made.deputy.username) == ("anna", "carl")


def test_auditors_read_and_enter_nothing(auditor: Client) -> None:
    made = absence("anna", "ben")
    assert auditor.get(LIST).status_code == 200
    assert "end_now" not in auditor.get(f"{LIST}{made.pk}/change/").text
    assert auditor.get(f"{LIST}add/").status_code == 403

"""`manage.py approvals away`: the same rules as the page."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from approvals.management.cli.shown import mark_of
from approvals.models import Absence, AuditEvent, Vote
from tests.factories import absence, approval_request, person
from tests.unit.cli.test_approvals import data, refused, run

pytestmark = pytest.mark.django_db
FAR = "2099-01-01"


@pytest.fixture(autouse=True)
def people() -> Iterator[None]:
    """Who works here, a month before Christmas."""
    with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=UTC)):
        _hired()
        yield


def _hired() -> None:
    person("anna", "managers", time_zone="Africa/Cairo")
    person("ben")
    person("olga", "admins")


def test_a_deputy_is_named_listed_and_ended() -> None:
    made = data("away", "set", "--as", "anna", "--deputy", "ben", "--until", "2026-12-24", "--workflow", "expense")
    assert (made["person"], made["deputy"], made["workflows"]) == ("anna", "ben", ["expense"])
    # A day alone is meant wholly, in the person's zone: Cairo is two hours ahead.
    assert made["until"] == "2026-12-24T22:00:00.000Z"
    assert AuditEvent.objects.get(action="user.away_set").data["origin"] == "cli"
    assert "expense" in run("away", "list", "--as", "anna")
    assert [one["id"] for one in data("away", "list", "--as", "ben")] == [made["id"]]
    assert data("away", "end", "--as", "anna")["state"] == "ended"
    assert "not away" in refused(4, "away", "end", "--as", "anna")


def test_admins_do_it_for_others_and_nobody_else_does() -> None:
    words = ("away", "set", "--person", "anna", "--deputy", "ben", "--until", "2026-12-24T18:00")
    assert "Only they themselves or an admin" in refused(3, *words, "--as", "ben")
    assert "Only they themselves or an admin" in refused(3, "away", "list", "--person", "anna", "--as", "ben")
    run(*words, "--as", "olga")
    assert Absence.objects.get().created_by == person("olga")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--deputy", "ben"], "Say until when"),
        (["--deputy", "ben", "--until", "Christmas"], "is no moment. Write 2026-12-24T18:00"),
        (["--deputy", "anna", "--until", "2026-12-24"], "Nobody is their own deputy"),
        (["--deputy", "ben", "--until", FAR], "longer than a year"),
        (["--until", "2026-12-24"], "Say who answers meanwhile"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(words: list[str], said: str) -> None:
    assert said in refused(5, "away", "set", "--as", "anna", *words)


def test_of_several_one_is_named_to_end_it() -> None:
    first = absence("anna", "ben", "expense")
    absence("anna", "ben", "loan")
    assert "--id" in refused(5, "away", "end", "--as", "anna")
    run("away", "end", "--as", "anna", "--id", str(first.pk))
    first.refresh_from_db()
    assert first.ended_at is not None


def test_a_deputy_finds_and_answers_it_and_hears_for_whom() -> None:
    request = approval_request()
    absence("anna", "ben")
    [row] = data("list", "--as", "ben")
    assert (row["approval_id"], row["for"]) == (request.approval_id, "anna")
    assert "(for" in run("list", "--as", "ben")
    said = run("approve", request.approval_id, "--as", "ben", "--seen", mark_of(request))
    assert said.startswith(f"{request.approval_id}: approved for anna, recorded")
    assert Vote.objects.get().for_person == person("anna")
    assert "answered" in run("explain", request.approval_id, "--as", "ben")

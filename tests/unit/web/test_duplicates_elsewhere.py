"""The question before the same is submitted twice, in the forms besides expenses: each by what makes it the same."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from approvals.models import AuditEvent, Delivery, Submission
from tests.factories import run
from tests.unit.web.forms import signed_in
from tests.unit.web.more_forms import ARNS, day, document, flagged, loan, send, trip

pytestmark = pytest.mark.django_db
type Form = Callable[..., dict[str, Any]]
FORMS: list[tuple[str, Form]] = [("document", document), ("moderation", flagged), ("loan", loan), ("travel", trip)]
SAME = [
    ("document", document, {"document_name": "supply  Contract", "days": "5"}, "This document"),
    ("moderation", flagged, {"flags": "Insult", "author": "bob"}, "This content"),
    ("loan", loan, {"loan_amount": "20000.50", "loan_purpose": "Car"}, "A loan of this amount for this applicant"),
    ("travel", trip, {"departure": "Bergen", "flightPrice": "99"}, "This trip"),
]
OTHER = [
    ("document", document, {"document_id": "C-2026-18"}),
    ("document", document, {"document_name": "Annex"}),
    ("moderation", flagged, {"content_id": "c-18"}),
    ("loan", loan, {"loan_amount": "20000.51"}),
    ("loan", loan, {"applicant_name": "Ben Ruiz"}),
    ("travel", trip, {"destination": "Paris"}),
    ("travel", trip, {"checkOut": day(13), "dropoffDate": day(13)}),
    ("travel", trip, {"passengerName": "Tom Moss"}),
]


@pytest.fixture(autouse=True)
def _every_workflow(settings: Settings) -> None:
    settings.WORKFLOW_ARNS = ARNS


@pytest.fixture
def rita() -> Client:
    return signed_in("rita")


def sent(client: Client, workflow: str, form: dict[str, Any]) -> Submission:
    answer = send(client, workflow, form)
    assert answer.status_code == 302, answer.content.decode()
    return Submission.objects.latest("id")


@pytest.mark.parametrize(("workflow", "form", "changes", "what"), SAME)
def test_the_same_thing_is_questioned_and_taken_once_confirmed(
    rita: Client, workflow: str, form: Form, changes: dict[str, str], what: str
) -> None:
    first = sent(rita, workflow, form())
    page = send(rita, workflow, form(**changes))
    assert page.status_code == 422
    assert f"{what} is in" in page.content.decode()
    assert f"/submissions/{first.ref}/" in page.content.decode()
    done = sent(rita, workflow, form(**changes) | {"confirmed": page.context["doubts"].digest})
    event = AuditEvent.objects.get(action="submission.duplicate_confirmed")
    assert (event.object_id, event.summary) == (done.ref, f"{what}: {first.ref}")


@pytest.mark.parametrize(("workflow", "form", "changes"), OTHER)
def test_another_thing_is_not_questioned(rita: Client, workflow: str, form: Form, changes: dict[str, str]) -> None:
    sent(rita, workflow, form())
    sent(rita, workflow, form(**changes))


def test_as_much_again_is_asked_for_in_peace_once_the_first_loan_has_ended(rita: Client) -> None:
    first = sent(rita, "loan", loan())
    ended = run(run_name=first.run_name, workflow="loan", status="running")
    assert send(rita, "loan", loan(loan_purpose="Car")).status_code == 422
    ended.status = "succeeded"
    ended.save()
    sent(rita, "loan", loan(loan_purpose="Car"))


@pytest.mark.parametrize(("workflow", "form"), FORMS)
def test_a_form_sent_anew_after_going_back_is_questioned_even_when_its_run_has_ended(
    rita: Client, workflow: str, form: Form
) -> None:
    first = sent(rita, workflow, form())
    run(run_name=first.run_name, workflow=workflow, status="succeeded")
    # Going back fetches the form anew, under a token of its own; the browser may put the old words into it.
    opened = rita.get(f"/submit/{workflow}/")
    assert "no-store" in opened.headers["Cache-Control"]
    assert str(opened.context["token"]) != str(first.token)
    assert send(rita, workflow, form() | {"token": str(opened.context["token"])}).status_code == 422
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(("workflow", "form"), FORMS)
def test_what_was_turned_down_or_handed_in_by_somebody_else_is_no_duplicate(
    rita: Client, workflow: str, form: Form
) -> None:
    sent(signed_in("tom"), workflow, form())
    mine = sent(rita, workflow, form())
    run(run_name=mine.run_name, workflow=workflow, status="denied")
    sent(rita, workflow, form())

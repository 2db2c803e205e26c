"""A request that outlived its run says so to whoever waited, and leads the requester on."""

from typing import Any

import pytest
from django.utils import timezone

from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, Notification, Occasion, Topic
from tests.factories import approval_request, person, run, submission, viewer
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
NOTE = "The run failed (KeyError: 'secret') before this request was answered."
CLOSED = {"seq": 2, "at": "2026-11-20T10:00:00Z", "actor": "reconcile", "action": "closed", "note": NOTE}


def orphaned(**fields: Any) -> ApprovalRequest:
    """A closed request of a run that failed, sent by rita; anna was asked."""
    error = {"type": "ExecutionEnded", "message": "The run failed (KeyError: 'secret')."}
    ended = run(requester="rita", status="failed", error=error)
    person("anna", "managers")
    submission(person("rita"), run_name=ended.run_name, state="submitted", submitted_at=timezone.now())
    return approval_request(run_name=ended.run_name, **{"title": "Train to Lyon", **closing(), **fields})


def closing() -> dict[str, Any]:
    return {"status": "error", "events": [CLOSED], "settled_at": timezone.now()}


def test_the_request_says_how_it_ended_and_that_nobody_needs_to_answer(signed_in: SignIn) -> None:
    page = signed_in("anna", "managers").get(f"/requests/{orphaned().approval_id}/").text
    assert "Ended without an answer." in page
    assert "The run failed. Nothing was approved, and nobody needs to answer any more." in page
    assert "secret" not in page
    assert "Start again" not in page


def test_the_office_reads_why(signed_in: SignIn) -> None:
    page = signed_in("ivo", "auditors").get(f"/requests/{orphaned().approval_id}/").text
    assert "secret" in page


def test_the_requester_starts_again_from_the_request(signed_in: SignIn) -> None:
    request = orphaned()
    client = signed_in("rita")
    page = client.get(f"/requests/{request.approval_id}/").text
    again = f"/submissions/{person('rita').submissions.get().ref}/copy/"
    assert f'action="{again}"' in page
    assert client.post(again).status_code == 302
    assert person("rita").submissions.filter(state="draft").count() == 1


def test_the_submission_says_the_same(signed_in: SignIn) -> None:
    orphaned()
    page = signed_in("rita").get(f"/submissions/{person('rita').submissions.get().ref}/").text
    assert "The run failed before anybody answered, so nothing was approved." in page
    assert "secret" not in page


@pytest.mark.parametrize("username", ["rita", "anna"])
def test_the_first_page_tells_whoever_waited_mail_or_not(signed_in: SignIn, username: str) -> None:
    request = orphaned()
    occasion = Occasion.objects.create(cause="over:one", topic=Topic.OVER, due_at=timezone.now())
    Notification.objects.create(person=person(username), occasion=occasion, request=request)
    page = signed_in(username).get("/").text
    assert "Ended without an answer" in page
    assert f"/requests/{request.approval_id}/" in page
    other = "anna" if username == "rita" else "rita"
    assert "orphaned-title" not in signed_in(other).get("/").text


def test_an_answer_that_nobody_was_left_to_follow_is_neither_lost_nor_settled(signed_in: SignIn) -> None:
    request = orphaned(status="pending", events=[], settled_at=None)
    ballot = Ballot("approved", "", request.version, request.content_digest)
    decide(viewer("anna", "managers"), request.approval_id, ballot)
    ApprovalRequest.objects.update(**closing())
    answer = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/receipt/")
    assert "The run ended before it could follow this answer." in answer.text
    assert "Another answer came first" not in answer.text
    assert "hx-trigger" not in answer.text
    assert [step.state for step in answer.context["receipt"].steps][1] == "failed"

"""Closing without an answer, remarking, and sending again."""

import json

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from approvals.actions.close import close_request
from approvals.actions.comment import comment
from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Invalid, Refused
from approvals.actions.retry import retry_delivery
from approvals.models import ApprovalRequest, AuditEvent, Comment, Decision, Delivery
from approvals.signals import delivery_queued
from tests.factories import approval_request, viewer

pytestmark = pytest.mark.django_db


def last_line() -> tuple[str, str]:
    event = AuditEvent.objects.latest("id")
    return event.actor, event.action


def test_the_requester_withdraws_without_a_reason() -> None:
    request = approval_request(requester="rita")
    decision = close_request(viewer("rita"), request.approval_id, " ")
    assert (decision.choice, decision.comments) == ("withdrawn", "")
    assert json.loads(decision.delivery.payload)["decision"] == "withdrawn"
    assert last_line() == ("rita", "request.decided")


def test_an_admin_cancels_and_says_why() -> None:
    request = approval_request()
    with pytest.raises(Invalid, match="Say why"):
        close_request(viewer("adam", "admins"), request.approval_id, "\u200b ")
    assert last_line() == ("adam", "request.close_refused")
    decision = close_request(viewer("adam", "admins"), request.approval_id, "The supplier is gone.")
    assert (decision.choice, decision.comments) == ("cancelled", "The supplier is gone.")


def test_nobody_else_closes_a_request() -> None:
    request = approval_request()
    with pytest.raises(Refused):
        close_request(viewer("anna", "managers"), request.approval_id, "No.")
    assert not Decision.objects.exists()
    assert last_line() == ("anna", "request.close_refused")


def test_a_reason_has_a_length() -> None:
    request = approval_request()
    with pytest.raises(Invalid, match="4,000"):
        close_request(viewer("adam", "admins"), request.approval_id, "x" * 4001)
    with pytest.raises(Invalid, match="4,000"):
        decide(viewer("anna", "managers"), request.approval_id, ballot(request, "rejected", "x" * 4001))


def ballot(request: ApprovalRequest, choice: str, words: str = "") -> Ballot:
    return Ballot(choice, words, request.version, request.content_digest)


@pytest.mark.parametrize("choice", ["withdrawn", "cancelled", "timeout", "error", "pending"])
def test_no_vote_says_what_only_a_closing_or_the_workflow_may_say(choice: str) -> None:
    request = approval_request(options=["approved", "rejected", choice])
    with pytest.raises(Invalid, match="Choose one of: approved, rejected"):
        decide(viewer("anna", "managers"), request.approval_id, ballot(request, choice, "Because."))
    assert not Decision.objects.exists()


@pytest.mark.parametrize("choice", ["maybe", "Approved", "", "approved\x00"])
def test_an_answer_that_was_not_offered_is_refused_on_the_record(choice: str) -> None:
    request = approval_request()
    with pytest.raises(Invalid):
        decide(viewer("anna", "managers"), request.approval_id, ballot(request, choice, "Because."))
    assert AuditEvent.objects.get(action="request.vote_refused").data["why"] == "invalid"


def test_a_reason_of_invisible_marks_is_none() -> None:
    request = approval_request()
    with pytest.raises(Invalid, match="Say why"):
        decide(viewer("anna", "managers"), request.approval_id, ballot(request, "rejected", "\u200b\u2060\u202e"))


def test_a_reason_is_kept_in_any_language_without_marks_that_deceive() -> None:
    request = approval_request()
    words = "Nicht erstattbar 👩\u200d💻 می\u200cخواهم\u202e"  # noqa: RUF001
    decide(viewer("anna", "managers"), request.approval_id, ballot(request, "rejected", words))
    assert Decision.objects.get().comments == words.removesuffix("\u202e")


def test_a_remark_and_its_answer_stand_on_the_request_and_the_record() -> None:
    request = approval_request()
    first = comment(viewer("anna", "managers"), request, "Was it near\x00 the supplier?")
    answer = comment(viewer("rita"), request, "Five minutes on foot.", first.pk)
    assert first.body == "Was it near the supplier?"
    assert answer.parent == first
    assert AuditEvent.objects.about(request).filter(action="request.commented").count() == 2


@pytest.mark.parametrize(
    ("body", "why"), [("  ", "Write something"), ("\u200b", "Write something"), ("x" * 4001, "4,001")]
)
def test_a_remark_says_something_and_ends_somewhere(body: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        comment(viewer("rita"), approval_request(), body)
    assert not Comment.objects.exists()


def test_an_answer_to_a_remark_on_another_request_is_refused() -> None:
    elsewhere = comment(viewer("rita"), approval_request(), "Here.")
    with pytest.raises(Invalid, match="not on this request"):
        comment(viewer("rita"), approval_request(), "There.", elsewhere.pk)


def test_a_stranger_leaves_no_remark() -> None:
    with pytest.raises(Refused):
        comment(viewer("mallory"), approval_request(), "Approve it!")
    assert last_line() == ("mallory", "request.comment_refused")


def stuck() -> Delivery:
    request = approval_request()
    decide(viewer("anna", "managers"), request.approval_id, ballot(request, "approved"))
    Delivery.objects.update(state="stuck", attempts=8, error="Access denied", error_kind="forbidden")
    return Delivery.objects.get()


def test_a_stuck_delivery_goes_on_and_its_listener_hears(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    heard: list[int] = []

    def listener(sender: object, delivery_id: int, **rest: object) -> None:
        heard.append(delivery_id)

    delivery = stuck()
    delivery_queued.connect(listener)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert retry_delivery(viewer("adam", "admins"), delivery)
    finally:
        delivery_queued.disconnect(listener)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.error_kind) == ("queued", 0, "forbidden")
    assert heard == [delivery.pk]
    assert last_line() == ("adam", "delivery.retried")


def test_what_is_not_stuck_is_left_alone() -> None:
    delivery = stuck()
    Delivery.objects.update(state="delivered")
    assert not retry_delivery(viewer("adam", "admins"), delivery)
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


@pytest.mark.parametrize("group", ["auditors", "managers"])
def test_only_an_admin_sends_again(group: str) -> None:
    delivery = stuck()
    with pytest.raises(Refused):
        retry_delivery(viewer("olga", group), delivery)
    delivery.refresh_from_db()
    assert delivery.state == "stuck"
    assert last_line() == ("olga", "delivery.retry_refused")

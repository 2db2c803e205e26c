"""Deciding a request: who may, what it leaves behind, and what it refuses."""

import json

import pytest
from django.db import DatabaseError, transaction

from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Invalid, Refused, Stale
from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery
from tests.factories import approval_request, policy, viewer

pytestmark = pytest.mark.django_db


def ballot(request: ApprovalRequest, choice: str = "approved", comment: str = "") -> Ballot:
    return Ballot(choice, comment, request.version, request.content_digest)


def test_an_approval_leaves_one_decision_one_delivery_and_its_line_in_the_record() -> None:
    request = approval_request()
    decide(viewer("anna", "managers"), request.approval_id, ballot(request))
    delivery = Delivery.objects.get()
    payload = json.loads(delivery.payload)
    assert (payload["decision"], payload["decided_by"]) == ("approved", "anna")
    assert payload["decision_id"] == str(Decision.objects.get().decision_id)
    assert list(AuditEvent.objects.about(request).values_list("action", flat=True)) == [
        "request.voted",
        "request.decided",
    ]


def test_the_requester_never_decides_even_as_a_manager() -> None:
    request = approval_request(requester="anna")
    with pytest.raises(Refused) as refusal:
        decide(viewer("anna", "managers"), request.approval_id, ballot(request))
    assert refusal.value.answer.code == "requester"
    assert not Delivery.objects.exists()


def test_a_refused_attempt_is_on_the_record() -> None:
    request = approval_request()
    with pytest.raises(Refused):
        decide(viewer("mallory"), request.approval_id, ballot(request))
    event = AuditEvent.objects.get(action="request.vote_refused")
    assert (event.actor, event.data["why"]) == ("mallory", "not_asked")


def test_a_rejection_needs_a_reason() -> None:
    request = approval_request()
    with pytest.raises(Invalid, match="Say why"):
        decide(viewer("anna", "managers"), request.approval_id, ballot(request, "rejected", "  "))
    assert not Decision.objects.exists()


def test_a_changed_request_must_be_looked_at_again() -> None:
    request = approval_request()
    with pytest.raises(Stale):
        decide(viewer("anna", "managers"), request.approval_id, Ballot("approved", "", 1, "0" * 64))
    assert not Decision.objects.exists()


def test_two_of_two_are_needed_and_the_second_settles() -> None:
    request = approval_request(policy=policy("managers", required=2))
    _, first = decide(viewer("anna", "managers"), request.approval_id, ballot(request))
    _, second = decide(viewer("ben", "managers"), request.approval_id, ballot(request))
    assert first is None
    assert second is not None
    assert [vote["by"] for vote in json.loads(second.delivery.payload)["votes"]] == ["anna", "ben"]


def test_nobody_votes_twice() -> None:
    request = approval_request(policy=policy("managers", required=2))
    anna = viewer("anna", "managers")
    decide(anna, request.approval_id, ballot(request))
    with pytest.raises(Refused) as refusal:
        decide(anna, request.approval_id, ballot(request))
    assert refusal.value.answer.code == "voted"


def test_the_database_refuses_to_change_the_record() -> None:
    request = approval_request()
    decide(viewer("anna", "managers"), request.approval_id, ballot(request))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.update(actor="mallory")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.all().delete()


def test_the_first_option_needs_no_reason_and_settles_like_an_approval() -> None:
    request = approval_request(options=["publish", "remove"], policy=policy("managers", required=2))
    _, first = decide(viewer("anna", "managers"), request.approval_id, ballot(request, "publish"))
    _, second = decide(viewer("ben", "managers"), request.approval_id, ballot(request, "publish"))
    assert first is None
    assert second is not None
    assert second.choice == "publish"


def test_any_option_but_the_first_needs_a_reason() -> None:
    request = approval_request(options=["publish", "approved"])
    with pytest.raises(Invalid, match="Say why"):
        decide(viewer("anna", "managers"), request.approval_id, ballot(request, "approved"))

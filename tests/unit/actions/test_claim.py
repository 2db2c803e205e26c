"""Being on a request: others see it, nothing is taken from them, and it lapses by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals.actions.claim import claim, release
from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Invalid, Refused
from approvals.models import ApprovalRequest, AuditEvent, Claim, Delivery
from approvals.models.pages import Order
from tests.factories import absence, approval_request, policy, viewer

pytestmark = pytest.mark.django_db


def answer(name: str, request: ApprovalRequest) -> None:
    decide(viewer(name), request.approval_id, Ballot("approved", "", request.version, request.content_digest))


def holder(request: ApprovalRequest) -> str | None:
    held = Claim.objects.on(request, timezone.now())
    return held.holder.username if held else None


@pytest.fixture
def request_() -> ApprovalRequest:
    """A request that two managers must approve."""
    for name in ("anna", "ben"):
        viewer(name, "managers")
    return approval_request(policy=policy("managers", required=2))


def test_a_claim_is_seen_by_others_and_leaves_its_heartbeat_behind(request_: ApprovalRequest) -> None:
    claim(viewer("anna"), request_.approval_id, "Asking the supplier")
    [row] = ApprovalRequest.objects.page_of_audiences(viewer("ben").audiences, Order.DEADLINE).rows
    assert row.held_by == "anna"  # type: ignore[attr-defined]
    delivery = Delivery.objects.get(kind=Delivery.Kind.HEARTBEAT)
    assert delivery.claim == Claim.objects.get()
    line = AuditEvent.objects.get(action="request.claimed")
    assert (line.actor, line.summary) == ("anna", "Asking the supplier")


def test_only_one_is_on_it_and_only_those_who_may_decide(request_: ApprovalRequest) -> None:
    claim(viewer("anna"), request_.approval_id)
    with pytest.raises(Refused, match="Anna is on it already"):
        claim(viewer("ben"), request_.approval_id)
    with pytest.raises(Refused, match="not put to you"):
        claim(viewer("zoe"), request_.approval_id)
    assert AuditEvent.objects.filter(action="request.claim_refused").count() == 2


def test_a_claim_takes_no_right_from_others(request_: ApprovalRequest) -> None:
    claim(viewer("anna"), request_.approval_id)
    answer("ben", request_)
    assert holder(request_) == "anna"


def test_a_claim_lapses_by_itself_and_never_outlives_the_request(request_: ApprovalRequest) -> None:
    held = claim(viewer("anna"), request_.approval_id)
    assert timedelta(minutes=29) < held.until - timezone.now() <= timedelta(minutes=30)
    Claim.objects.update(until=timezone.now())
    claim(viewer("ben"), request_.approval_id)
    assert holder(request_) == "ben"
    soon = approval_request(expires_at=timezone.now() + timedelta(minutes=5))
    assert claim(viewer("ben"), soon.approval_id).until == soon.expires_at


def test_claiming_again_holds_it_for_longer_by_the_same_heartbeat(request_: ApprovalRequest) -> None:
    first = claim(viewer("anna"), request_.approval_id, "Asking")
    Claim.objects.update(until=timezone.now() + timedelta(minutes=1))
    again = claim(viewer("anna"), request_.approval_id)
    assert again.pk == first.pk
    assert again.reason == "Asking"
    assert again.until.isoformat() in Delivery.objects.get().payload


def test_a_release_ends_it_for_the_holder_or_an_admin_alone(request_: ApprovalRequest) -> None:
    claim(viewer("anna"), request_.approval_id)
    with pytest.raises(Refused):
        release(viewer("ben"), request_.approval_id)
    release(viewer("adam", "admins"), request_.approval_id)
    assert holder(request_) is None
    assert Delivery.objects.get().state == Delivery.State.DROPPED
    release(viewer("anna"), request_.approval_id)
    assert AuditEvent.objects.filter(action="request.released").count() == 1


def test_answering_ends_ones_own_claim_and_settling_ends_any(request_: ApprovalRequest) -> None:
    claim(viewer("anna"), request_.approval_id)
    answer("anna", request_)
    assert holder(request_) is None
    claim(viewer("ben"), request_.approval_id)
    viewer("cleo", "managers")
    answer("cleo", request_)
    assert holder(request_) is None
    assert not Delivery.objects.waiting().filter(kind=Delivery.Kind.HEARTBEAT).exists()


def test_what_a_deputy_answers_ends_the_claim_of_the_person_it_was_answered_for(request_: ApprovalRequest) -> None:
    claim(viewer("anna"), request_.approval_id)
    absence("anna", "dora")
    answer("dora", request_)
    assert holder(request_) is None


def test_what_somebody_answers_who_is_away_ends_the_claim_of_their_deputy(request_: ApprovalRequest) -> None:
    absence("anna", "dora")
    claim(viewer("dora"), request_.approval_id)
    answer("anna", request_)
    assert holder(request_) is None


def test_a_long_reason_is_refused(request_: ApprovalRequest) -> None:
    with pytest.raises(Invalid, match="under 200"):
        claim(viewer("anna"), request_.approval_id, "x" * 201)

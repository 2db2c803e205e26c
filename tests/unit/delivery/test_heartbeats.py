"""While somebody is on a request, the workflow hears of it; only where it listens."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from approvals.actions.claim import claim, release
from approvals.models import AuditEvent, Claim, Delivery
from tests.factories import approval_request, viewer
from tests.portal_cloud import Aws
from tests.unit.delivery.test_carry import try_once

pytestmark = pytest.mark.django_db(transaction=True)
type Claimed = Callable[..., Delivery]
BEAT = "SendDurableExecutionCallbackHeartbeat"


@pytest.fixture
def claimed(aws: Aws) -> Claimed:
    """A request whose item waits, claimed by a manager: gives the delivery of its heartbeats."""

    def make(**fields: Any) -> Delivery:
        item = aws.put_request(**fields)
        approval_request(approval_id=item["approval_id"], run_name=item["run_name"])
        return Delivery.objects.get(claim=claim(viewer("anna", "managers"), item["approval_id"]))

    return make


def test_it_beats_three_times_in_the_time_that_the_workflow_gives(claimed: Claimed, aws: Aws) -> None:
    delivery = claimed(heartbeat_seconds=90)
    for _ in range(3):
        try_once()
    assert [call.operation for call in aws.answered()] == [BEAT] * 3
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("queued", 0)
    assert timedelta(seconds=25) < delivery.next_try_at - timezone.now() <= timedelta(seconds=30)
    assert list(AuditEvent.objects.about(delivery).values_list("action", flat=True)) == ["delivery.beating"]


def test_it_ends_with_the_claim(claimed: Claimed, aws: Aws) -> None:
    delivery = claimed(heartbeat_seconds=90)
    try_once()
    over = timezone.now() - timedelta(seconds=1)
    Claim.objects.update(until=over)
    Delivery.objects.update(payload=f'{{"until": "{over.isoformat()}"}}')
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("delivered", "The claim is over.")
    assert len(aws.answered()) == 1


def test_a_release_stops_it(claimed: Claimed, aws: Aws) -> None:
    delivery = claimed(heartbeat_seconds=90)
    release(viewer("anna"), delivery.claim.request.approval_id)  # type: ignore[union-attr]
    try_once()
    assert aws.answered() == []


@pytest.mark.parametrize("fields", [{}, {"heartbeat_seconds": 90, "decision": {"decision_id": "d-1"}}])
def test_nothing_is_sent_where_nobody_listens(claimed: Claimed, aws: Aws, fields: dict[str, Any]) -> None:
    delivery = claimed(**fields)
    try_once()
    delivery.refresh_from_db()
    assert aws.answered() == []
    assert delivery.state == "delivered"
    assert "no sign of attention" in delivery.error

"""Sending stuck deliveries again."""

import pytest
from django.test import Client

from approvals.actions.decide import Ballot, decide
from approvals.models import AuditEvent, Delivery
from tests.factories import approval_request, viewer

pytestmark = pytest.mark.django_db
LIST = "/admin/approvals/delivery/"


def delivery(state: str) -> Delivery:
    request = approval_request()
    decide(viewer("anna", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    found = Delivery.objects.latest("id")
    Delivery.objects.filter(pk=found.pk).update(state=state, attempts=9, error="Access denied", error_kind="forbidden")
    found.refresh_from_db()
    return found


def test_an_admin_sends_a_stuck_delivery_on_its_way_again(as_admin: Client) -> None:
    stuck = delivery("stuck")
    answer = as_admin.post(LIST, {"action": "retry", "_selected_action": [stuck.pk]}, follow=True)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.attempts) == ("queued", 0)
    assert "1 delivery is on its way again." in answer.content.decode()
    event = AuditEvent.objects.get(action="delivery.retried")
    assert (event.actor, event.object_id, event.address) == ("adam", stuck.key, "127.0.0.1")


def test_one_that_is_not_stuck_is_left_alone_and_named(as_admin: Client) -> None:
    done = delivery("delivered")
    answer = as_admin.post(LIST, {"action": "retry", "_selected_action": [done.pk]}, follow=True)
    done.refresh_from_db()
    assert done.state == "delivered"
    assert f"left alone: {done.key}" in answer.content.decode()


def test_an_auditor_is_not_offered_the_retry_and_cannot_forge_it(auditor: Client) -> None:
    stuck = delivery("stuck")
    assert "Send the stuck ones again" not in auditor.get(LIST).content.decode()
    auditor.post(LIST, {"action": "retry", "_selected_action": [stuck.pk]}, follow=True)
    stuck.refresh_from_db()
    assert stuck.state == "stuck"

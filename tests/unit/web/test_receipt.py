"""The receipt of a decision advances by itself and tells the truth about every state."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, Delivery
from approvals.web.receipt import Receipt
from tests.factories import approval_request, run, viewer
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def decided(**fields: Any) -> tuple[ApprovalRequest, Delivery]:
    request = approval_request(**fields)
    run(run_name=request.run_name)
    _, decision = decide(
        viewer("anna", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest)
    )
    assert decision is not None
    return request, decision.delivery


def settle(request: ApprovalRequest, delivery: Delivery, run_status: str) -> None:
    assert delivery.decision is not None
    request.status, request.settled_at = "approved", timezone.now()
    request.decision = {"decision_id": str(delivery.decision.decision_id), "decision": "approved"}
    request.save()
    run_of(request, run_status)


def run_of(request: ApprovalRequest, status: str) -> None:
    from approvals.models import Run

    Run.objects.filter(run_name=request.run_name).update(status=status)


def states(request: ApprovalRequest) -> str:
    receipt = Receipt.of(request)
    assert receipt is not None
    return " ".join(step.state for step in receipt.steps)


def fragment(client: Any, request: ApprovalRequest, seen: str = "") -> HttpResponse:
    return client.get(f"/requests/{request.approval_id}/receipt/?seen={seen}", headers={"HX-Request": "true"})


def test_the_page_around_the_receipt_follows_it(signed_in: SignIn) -> None:
    request, delivery = decided()
    settle(request, delivery, "succeeded")
    body = fragment(signed_in("anna", "managers"), request).content.decode()
    for part in ("request-head", "run", "history"):
        assert re.search(rf'id="{part}" [^>]*hx-swap-oob="true"|id="{part}"[^>]* hx-swap-oob="true"', body), part
    assert "on its way" not in body
    assert "Run finished: succeeded" in body


def test_each_step_shows_when_it_is_reached(signed_in: SignIn) -> None:
    request, delivery = decided()
    assert states(request) == "done now later later later"
    Delivery.objects.update(written_at=timezone.now())
    assert states(request) == "done done now later later"
    Delivery.objects.update(accepted_at=timezone.now(), state="delivered")
    assert states(request) == "done done done now later"
    settle(request, delivery, "running")
    assert states(request) == "done done done done now"
    run_of(request, "succeeded")
    assert states(request) == "done done done done done"


def test_the_page_asks_again_until_the_end_and_then_stops(signed_in: SignIn) -> None:
    request, delivery = decided()
    client = signed_in("anna", "managers")
    first = fragment(client, request)
    assert 'hx-trigger="every 1s, shown"' in first.text
    assert fragment(client, request, first.context["receipt"].digest).status_code == 204
    settle(request, delivery, "succeeded")
    last = fragment(client, request, first.context["receipt"].digest)
    assert last.status_code == 200
    assert "hx-trigger" not in last.text


def test_a_run_that_waits_for_the_next_answer_ends_the_receipt(signed_in: SignIn) -> None:
    request, delivery = decided()
    settle(request, delivery, "waiting")
    last = fragment(signed_in("anna", "managers"), request)
    assert "waits for the next answer" in last.text
    assert "hx-trigger" not in last.text


def test_a_lost_answer_names_the_winner(signed_in: SignIn) -> None:
    request, _ = decided()
    winner = {"decision": "rejected", "decided_by": "ben", "decided_at": "2026-11-20T10:00:00Z"}
    Delivery.objects.update(state="lost", winner=winner)
    page = fragment(signed_in("anna", "managers"), request).text
    assert "Another answer came first" in page
    assert "rejected by <bdi>ben</bdi>" in page
    assert "20 Nov 2026, 10:00" in page


def test_an_answer_that_the_item_does_not_hold_is_lost_even_before_the_outbox_says_so(signed_in: SignIn) -> None:
    request, _ = decided()
    request.status, request.settled_at = "timeout", timezone.now()
    request.save()
    assert "What counts: timed out" in fragment(signed_in("anna", "managers"), request).text


def test_a_stuck_answer_says_that_it_is_safe_and_who_acts(signed_in: SignIn) -> None:
    request, _ = decided()
    Delivery.objects.update(state="stuck", error_kind="forbidden", error="AccessDenied on the table")
    page = fragment(signed_in("anna", "managers"), request).text
    assert "It is safe here, but could not be delivered." in page
    assert "AccessDenied" not in page
    assert "AccessDenied" in fragment(signed_in("ada", "admins"), request).text


def test_an_answer_that_aws_does_not_take_yet_says_when_the_next_try_is(signed_in: SignIn) -> None:
    request, _ = decided()
    Delivery.objects.update(error_kind="retryable", attempts=3, next_try_at=timezone.now() + timedelta(seconds=185))
    page = fragment(signed_in("anna", "managers"), request).text
    assert "AWS does not answer at the moment." in page
    assert "in 3 minutes" in page


def test_asking_slows_down_as_the_decision_ages(signed_in: SignIn) -> None:
    from approvals.models import Decision

    request, _ = decided()
    Decision.objects.update(decided_at=timezone.now() - timedelta(hours=1))
    assert 'hx-trigger="every 30s, shown"' in fragment(signed_in("anna", "managers"), request).text


def test_without_a_decision_there_is_no_receipt(signed_in: SignIn) -> None:
    assert fragment(signed_in("anna", "managers"), approval_request()).status_code == 204

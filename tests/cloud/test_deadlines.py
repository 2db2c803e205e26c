"""Deadlines on the real local cloud: who is next, what expires, and what a late or lost answer is worth."""

import uuid

import pytest
from django.db import transaction

from approvals.aws.faults import Lost
from approvals.aws.requests import write_decision
from approvals.models import ApprovalRequest, Delivery
from tests.office import Office

pytestmark = [pytest.mark.cloud]


@pytest.fixture(scope="module", autouse=True)
def _worker(office: Office) -> None:
    office.hire_worker()


def decision(choice: str = "approved", by: str = "adam") -> dict[str, object]:
    """A decision as the portal writes it into an item."""
    told = {"decision_id": str(uuid.uuid4()), "decision": choice, "comments": "In time.", "decided_by": by}
    return told | {"decided_at": "2026-11-21T10:00:00Z", "votes": []}


def test_what_no_manager_answers_goes_to_the_directors_who_decide_it(office: Office) -> None:
    run_name = office.submit("240.50", timeout_seconds=8)
    request = office.request(run_name, "manager.2")
    assert (request.policy["groups"], request.stage) == (["directors"], "manager")
    assert office.answer("dora", request, "approved", "As no manager was there.").status_code == 302
    run = office.ended(run_name)
    assert run.status == "succeeded"
    assert office.request(run_name).status == "timeout"
    assert run.result is not None
    assert [one["decided_by"] for one in run.result["approvals"]] == ["dora"]


def test_what_nobody_answers_expires_and_pays_nothing(office: Office) -> None:
    run_name = office.submit("240.50", timeout_seconds=1)
    assert office.ended(run_name).status == "timed_out"
    statuses = ApprovalRequest.objects.filter(run_name=run_name).values_list("status", flat=True)
    assert list(statuses) == ["timeout", "timeout"]
    assert "reimbursement" not in office.run_item(run_name)


def test_a_claim_sends_heartbeats_until_it_is_released(office: Office) -> None:
    run_name = office.submit("240.50")
    request = office.request(run_name)
    # As an item is whose workflow wants to hear that somebody attends to it; none of ours does.
    office.aws("dynamodb").update_item(
        TableName=office.env["APPROVALS_TABLE_NAME"], Key={"approval_id": {"S": request.approval_id}},
        UpdateExpression="SET heartbeat_seconds = :s", ExpressionAttributeValues={":s": {"N": "3"}},
    )  # fmt: skip
    adam = office.browser("adam")
    assert adam.post(f"/requests/{request.approval_id}/claim/", {"reason": "Asking her."}).status_code == 302
    beating = Delivery.objects.filter(claim__request=request)
    first = office.until(lambda: beating.exclude(accepted_at=None).first(), "AWS took a heartbeat", run_name)
    office.until(lambda: beating.filter(accepted_at__gt=first.accepted_at).exists(), "it took the next", run_name)
    assert (beating.get().state, beating.get().error) == (Delivery.State.QUEUED, "")
    assert adam.post(f"/requests/{request.approval_id}/release/").status_code == 302
    assert beating.get().state == Delivery.State.DROPPED
    office.answer("adam", request)
    assert office.ended(run_name).status == "succeeded"


def test_a_decision_in_the_item_counts_although_its_callback_never_came(office: Office) -> None:
    run_name = office.submit("240.50", timeout_seconds=4)
    waiting = office.item_of(run_name)
    write_decision(waiting["approval_id"], decision())
    assert office.ended(run_name).status == "succeeded"
    settled = office.item(waiting["approval_id"])
    assert (settled["status"], settled["decision"]["decided_by"]) == ("approved", "adam")


def test_a_decision_behind_the_timer_is_refused_by_the_item(office: Office) -> None:
    run_name = office.submit("240.50", timeout_seconds=1)
    office.ended(run_name)
    with pytest.raises(Lost) as lost:
        write_decision(f"{run_name}.manager", decision())
    assert lost.value.winner["decision"] == "timeout"
    assert "decision" not in office.item(f"{run_name}.manager")


def test_an_answer_given_in_time_but_carried_too_late_is_lost_and_its_author_is_told(office: Office) -> None:
    run_name = office.submit("240.50", timeout_seconds=10)
    request = office.request(run_name)
    adam = office.browser("adam")
    shown = office.shown(adam, request)
    # It leaves the portal only behind the deadline, as when the worker was away: no worker sees it before the commit.
    with transaction.atomic():
        answer = office.send_answer(adam, request, shown)
        held = Delivery.objects.filter(decision__request=request, state=Delivery.State.QUEUED)
        assert held.update(next_try_at=request.expires_at.replace(year=request.expires_at.year + 1)) == 1
    assert answer.status_code == 302
    office.until(lambda: office.item(request.approval_id)["status"] == "timeout", "the timer settles it", run_name)
    Delivery.objects.filter(decision__request=request).update(next_try_at=request.created_at)
    delivery = office.delivered(run_name)
    assert (delivery.state, delivery.winner["decision"]) == (Delivery.State.LOST, "timeout")
    page = office.browser("adam").get(f"/requests/{request.approval_id}/").content.decode()
    assert "Another answer came first" in page

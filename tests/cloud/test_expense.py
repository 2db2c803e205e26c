"""An expense from the form to the finished workflow, on the real local cloud."""

from decimal import Decimal

import pytest

from approvals.models import ApprovalRequest, AuditEvent, Delivery, Submission
from tests.office import Office
from tests.unit.web.forms import png

pytestmark = [pytest.mark.cloud, pytest.mark.database]


@pytest.fixture(scope="module", autouse=True)
def _worker(office: Office) -> None:
    office.hire_worker()


def actions_of(item: dict[str, object]) -> list[str]:
    """What happened to an item, in its own words."""
    events: object = item["events"]
    assert isinstance(events, list)
    return [event["action"] for event in events]


def test_a_small_expense_passes_without_a_person(office: Office) -> None:
    run_name = office.file_expense("50.00")
    run = office.ended(run_name)
    assert (run.status, run.requester) == ("succeeded", "rita")
    assert office.run_item(run_name)["reimbursement"]["amount"] == Decimal("50.00")
    assert not ApprovalRequest.objects.filter(run_name=run_name).exists()


def test_a_manager_approves_and_the_expense_is_reimbursed(office: Office) -> None:
    run_name = office.file_expense("240.50", files=[png("taxi.png")])
    request = office.request(run_name)
    assert [file["name"] for file in request.attachments] == ["taxi.png"]
    assert office.answer("adam", request, "approved", "Agreed in March.").status_code == 302
    run = office.ended(run_name)
    assert run.status == "succeeded"
    assert run.result is not None
    assert run.result["approvals"] == [
        {"approval_id": request.approval_id, "decided_by": "adam", "comments": "Agreed in March."}
    ]
    paid = office.run_item(run_name)["reimbursement"]
    assert (paid["payee"], paid["amount"], paid["currency"]) == ("rita", Decimal("240.50"), "EUR")


def test_a_manager_approves_less_and_no_more_than_that_is_reimbursed(office: Office) -> None:
    run_name = office.file_expense("240.50")
    request = office.request(run_name)
    answered = office.answer("adam", request, "approved", "Without the minibar.", **{"answer-0": "200.05"})
    assert answered.status_code == 302
    run = office.ended(run_name)
    assert run.result is not None
    assert (run.status, run.result["total"], run.result["reimbursed"]) == ("succeeded", "240.50", "200.05")
    assert office.run_item(run_name)["reimbursement"]["amount"] == Decimal("200.05")
    assert office.item(request.approval_id)["decision"]["response"] == {"amount": Decimal("200.05")}
    sent = Submission.objects.get(run_name=run_name)
    page = office.browser("rita").get(f"/submissions/{sent.ref}/").content.decode()
    assert "Approved €200.05 of €240.50: Without the minibar." in page
    assert "€200.05 of €240.50" in page[page.index("Paid") :]


def test_the_receipt_of_a_decision_is_complete(office: Office) -> None:
    run_name = office.file_expense("240.50")
    office.answer("anna", office.request(run_name))
    run = office.ended(run_name)
    delivery = office.delivered(run_name)
    request = office.request(run_name)
    assert delivery.decision is not None
    assert (delivery.written_at, delivery.accepted_at, request.settled_at) != (None, None, None)
    assert delivery.state == Delivery.State.DELIVERED
    assert delivery.written_at is not None
    assert delivery.accepted_at is not None
    assert request.settled_at is not None
    assert delivery.decision.decided_at <= delivery.written_at <= delivery.accepted_at
    page = office.browser("anna").get(f"/requests/{request.approval_id}/receipt/").content.decode()
    assert "Run finished: succeeded" in page
    assert run.run_arn.startswith("arn:aws:lambda:")


def test_a_large_expense_needs_manager_and_finance(office: Office) -> None:
    run_name = office.file_expense("1000.01")
    manager = office.request(run_name)
    office.answer("adam", manager)
    finance = office.request(run_name, "finance")
    assert finance.policy["groups"] == ["finance"]
    assert set(finance.policy["exclude"]) == {"rita", "adam"}
    office.answer("fiona", finance, "approved", "Within the budget.")
    run = office.ended(run_name)
    assert run.status == "succeeded"
    assert run.result is not None
    assert [one["decided_by"] for one in run.result["approvals"]] == ["adam", "fiona"]


def test_a_rejection_carries_its_reason_to_the_requester(office: Office) -> None:
    run_name = office.file_expense("240.50")
    request = office.request(run_name)
    assert office.answer("adam", request, "rejected").status_code == 422
    assert office.answer("adam", request, "rejected", "No receipt yet.").status_code == 302
    assert office.ended(run_name).status == "denied"
    ref = run_name.replace("expense", "EXP").upper()
    page = office.browser("rita").get(f"/submissions/{ref}/").content.decode()
    assert "No receipt yet." in page
    assert "reimbursement" not in office.run_item(run_name)


def test_the_requester_withdraws_while_it_waits(office: Office) -> None:
    run_name = office.file_expense("240.50")
    request = office.request(run_name)
    answer = office.browser("rita").post(f"/requests/{request.approval_id}/close/", {"reason": "Paid otherwise."})
    assert answer.status_code == 302
    assert office.ended(run_name).status == "cancelled"
    item = office.item(request.approval_id)
    assert (item["status"], item["decision"]["decision"]) == ("cancelled", "withdrawn")
    assert actions_of(item) == ["opened", "notified", "decided", "settled"]


def test_an_admin_cancels_with_a_reason(office: Office) -> None:
    run_name = office.file_expense("240.50")
    request = office.request(run_name)
    answer = office.browser("olaf").post(f"/requests/{request.approval_id}/close/", {"reason": "Duplicate."})
    assert answer.status_code == 302
    assert office.ended(run_name).status == "cancelled"
    decision = office.item(request.approval_id)["decision"]
    assert (decision["decision"], decision["decided_by"], decision["comments"]) == ("cancelled", "olaf", "Duplicate.")


def test_the_named_manager_is_asked_and_nobody_else(office: Office) -> None:
    run_name = office.file_expense("240.50", manager="anna")
    request = office.request(run_name)
    assert (request.policy["users"], request.policy["groups"]) == (["anna"], [])
    assert office.browser("adam").get(f"/requests/{request.approval_id}/").status_code == 404
    office.answer("anna", request)
    assert office.ended(run_name).status == "succeeded"


def test_the_item_and_the_record_tell_the_whole_story_once(office: Office) -> None:
    run_name = office.file_expense("240.50")
    request = office.request(run_name)
    office.answer("adam", request)
    office.ended(run_name)
    office.delivered(run_name)
    item = office.item(request.approval_id)
    assert actions_of(item) == ["opened", "notified", "decided", "settled"]
    assert [event["seq"] for event in item["events"]] == [1, 2, 3, 4]
    assert "callback_id" not in item
    recorded = AuditEvent.objects.filter(object_id=request.approval_id).order_by("id")
    # What people were told comes when the worker gets to it; tests/unit/notifying holds that to once.
    told = [event.action for event in recorded if event.action not in {"request.viewed", "request.told"}]
    assert told == ["request.opened", "request.voted", "request.decided", "request.settled"]

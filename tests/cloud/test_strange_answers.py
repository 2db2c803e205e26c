"""What comes past the portal: unchecked inputs, callbacks answered by hand, stopped runs. Nothing of it approves."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from approvals.models import ApprovalRequest, AuditEvent
from tests.office import Office, one_line_expense, verdict

pytestmark = [pytest.mark.cloud]


@pytest.fixture(scope="module", autouse=True)
def _worker(office: Office) -> None:
    office.hire_worker()


def any_run() -> str:
    """A run name of this test alone."""
    return f"expense-{uuid.uuid4().hex[:10]}"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"currency": "XXQ"}, "currency"),
        ({"lines": []}, "lines"),
        ({"lines": [{"date": "2026-11-02", "category": "travel", "description": "x", "amount": "-5"}]}, "amount"),
        ({"surprise": "yes"}, "surprise"),
    ],
)
def test_a_malformed_input_fails_the_run_at_once_with_the_reason(
    office: Office, changes: Mapping[str, Any], reason: str
) -> None:
    run_name = any_run()
    office.invoke(run_name, one_line_expense("240.50") | dict(changes))
    run = office.ended(run_name)
    assert run.status == "failed"
    assert run.error is not None
    assert reason in run.error["message"]
    page = office.browser("olaf").get(f"/runs/{run_name}/").content.decode()
    assert reason in page
    assert not ApprovalRequest.objects.filter(run_name=run_name).exists()


@pytest.mark.parametrize(
    "sent",
    [
        b"yes",
        b'{"decision": "approved"}',
        b'{"approved": "true"}',
        verdict("APPROVED"),
        verdict("maybe"),
        verdict("approved", by="rita"),
        verdict("approved", surprise=True),
    ],
    ids=["no JSON", "no person", "another shape", "other case", "unknown", "the requester", "unknown key"],
)
def test_an_answer_that_is_not_valid_never_approves(office: Office, sent: bytes) -> None:
    run_name = any_run()
    office.invoke(run_name, one_line_expense("240.50"))
    office.call_back(office.item_of(run_name), sent)
    assert office.ended(run_name).status == "failed"
    assert office.item(f"{run_name}.manager")["status"] == "error"
    assert "reimbursement" not in office.run_item(run_name)
    assert office.request(run_name).status == "error"


def test_a_valid_answer_by_hand_counts_and_names_who_gave_it(office: Office) -> None:
    run_name = any_run()
    office.invoke(run_name, one_line_expense("240.50"))
    office.call_back(office.item_of(run_name), verdict("approved", by="operator"))
    assert office.ended(run_name).status == "succeeded"
    request = office.request(run_name)
    assert request.decision is not None
    assert (request.status, request.decision["decided_by"]) == ("approved", "operator")
    settled = AuditEvent.objects.about(request).get(action="request.settled")
    assert settled.data["decided_by"] == "operator"
    assert "operator" in office.browser("adam").get(f"/requests/{request.approval_id}/").content.decode()


def test_a_run_that_was_stopped_closes_its_request(office: Office) -> None:
    run_name = any_run()
    arn = office.invoke(run_name, one_line_expense("240.50"))
    request = office.request(run_name)
    office.aws("lambda").stop_durable_execution(DurableExecutionArn=arn)
    assert office.ended(run_name).status == "cancelled"
    item = office.item(request.approval_id)
    assert (item["status"], item["events"][-1]["actor"]) == ("error", "reconcile")
    assert "callback_id" not in item
    refused = office.browser("adam").get(f"/requests/{request.approval_id}/").content.decode()
    assert 'name="choice"' not in refused

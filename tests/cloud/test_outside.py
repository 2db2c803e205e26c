"""What operators and other programs do past the portal, by Lambda alone, and how the portal shows it."""

import json
from typing import Any

import pytest

from approvals.models import AuditEvent
from tests.cloud.sheets import any_run, page_of
from tests.office import Office, verdict

pytestmark = [pytest.mark.cloud]
OUTSIDE = "Outside the portal"
# One input of each workflow as design.md has them, each of which asks somebody.
INPUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "document": ("review", {"document_id": "D-1", "document_name": "Lease", "requester": "rita"}),
    "moderation": (
        "moderation",
        {"content_id": "c-1", "content_type": "comment", "excerpt": "Spam", "author": "rita", "flags": ["spam"]},
    ),
    "loan": (
        "manager",
        {
            "application_id": "L-1", "applicant_name": "rita", "ssn_last4": "1111", "annual_income": "90000",
            "loan_amount": "150000", "loan_purpose": "House",
        },
    ),
    "travel": ("approval", {"passengerName": "rita", "departure": "Oslo", "destination": "Lyon"}),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _worker(office: Office) -> None:
    office.hire_worker()


def api(office: Office, **call: Any) -> tuple[int, dict[str, Any]]:
    """Invoke ApprovalApi as `aws lambda invoke` does."""
    function = office.env["APPROVAL_API_FUNCTION_NAME"]
    answer = json.load(office.aws("lambda").invoke(FunctionName=function, Payload=json.dumps(call))["Payload"])
    return answer["statusCode"], json.loads(answer["body"])


def test_what_a_plain_caller_starts_is_in_the_portal_and_names_its_requester(office: Office) -> None:
    names = {workflow: any_run(workflow) for workflow in INPUTS}
    for workflow, (stage, payload) in INPUTS.items():
        office.invoke(names[workflow], payload)
        request = office.request(names[workflow], stage)
        assert (request.workflow, request.requester) == (workflow, "rita")
        assert 'name="choice"' not in page_of(office, "rita", request.approval_id)
        assert office.browser("rita").get(f"/runs/{names[workflow]}/").status_code == 200
        assert AuditEvent.objects.about(request).filter(action="request.opened").exists()
        office.browser("rita").post(f"/requests/{request.approval_id}/close/", {"reason": "Only tried."})
    assert {office.ended(run_name).status for run_name in names.values()} == {"cancelled"}


def test_a_decision_by_the_approval_api_is_shown_with_its_actor_and_marked(office: Office) -> None:
    run_name = any_run("document")
    office.invoke(run_name, INPUTS["document"][1])
    request = office.request(run_name, "review")
    listed, page = api(office, action="list")
    shown, whole = api(office, action="get", approval_id=request.approval_id)
    assert (listed, shown) == (200, 200)
    assert request.approval_id in [one["approval_id"] for one in page["requests"]]
    assert "callback_id" not in json.dumps([page, whole])

    decision = {"action": "decide", "approval_id": request.approval_id, "decision": "approved"}
    status, body = api(office, **decision, approver="anna", comments="By telephone.")
    assert (status, body["workflow_woken"]) == (200, True)
    assert office.ended(run_name).status == "succeeded"

    seen = page_of(office, "adam", request.approval_id)
    for part in (OUTSIDE, "Anna", "By telephone.", "Approval api", "in the name of Anna"):
        assert part in seen
    settled = AuditEvent.objects.about(request).get(action="request.settled")
    assert settled.data["decided_by"] == "anna"
    again, conflict = api(office, **decision | {"decision": "rejected"}, approver="adam")
    assert (again, "approved by anna" in conflict["error"]) == (409, True)
    assert api(office, action="get", approval_id="nobody.review")[0] == 404


def test_a_callback_sent_by_hand_is_shown_with_its_actor_and_marked(office: Office) -> None:
    run_name = any_run("document")
    office.invoke(run_name, INPUTS["document"][1])
    office.call_back(office.item_of(run_name, "review"), verdict("rejected", by="operator"))
    assert office.ended(run_name).status == "denied"
    seen = page_of(office, "adam", f"{run_name}.review")
    for part in (OUTSIDE, "operator", "By hand.", "The answer came with the callback."):
        assert part in seen


def test_what_is_decided_at_the_portal_bears_no_such_mark(office: Office) -> None:
    run_name = any_run("document")
    office.invoke(run_name, INPUTS["document"][1])
    request = office.request(run_name, "review")
    office.answer("adam", request)
    assert office.ended(run_name).status == "succeeded"
    assert OUTSIDE not in page_of(office, "anna", request.approval_id)

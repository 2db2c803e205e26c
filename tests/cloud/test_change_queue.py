"""The change queue at its worst: notices doubled, out of order, for nothing, or poisoned. The mirror ends up right."""

import json
import uuid
from typing import Any

import pytest

from approvals.models import ApprovalRequest, AuditEvent, Run
from tests.office import Office, one_line_expense, verdict

pytestmark = [pytest.mark.cloud, pytest.mark.database]


def notice(key: str, version: int, table: str = "ApprovalRequests") -> dict[str, Any]:
    """A change notice about one item."""
    return {"changes": [{"table": table, "key": key, "version": version}]}


def mirrored(run_name: str) -> list[tuple[str, str, int]]:
    """What the portal shows of a run: ids, states, versions."""
    requests = ApprovalRequest.objects.filter(run_name=run_name).values_list("approval_id", "status", "version")
    return [*requests, *Run.objects.filter(run_name=run_name).values_list("run_name", "status", "version")]


def finished_run(office: Office) -> str:
    """A run that somebody answered while no worker was there."""
    run_name = f"expense-{uuid.uuid4().hex[:10]}"
    office.invoke(run_name, one_line_expense("240.50"))
    office.call_back(office.item_of(run_name), verdict("approved"))
    office.until(lambda: office.run_item(run_name)["status"] == "succeeded", "it is approved", run_name)
    return run_name


def test_notices_doubled_and_in_any_order_leave_the_newest_state_once(office: Office) -> None:
    run_name = finished_run(office)
    request, run = office.item(f"{run_name}.manager"), office.run_item(run_name)
    backwards = [notice(request["approval_id"], version) for version in range(int(request["version"]), 0, -1)]
    backwards += [notice(run_name, version, "WorkflowRuns") for version in range(int(run["version"]), 0, -1)]
    office.notify(*backwards, *backwards, *reversed(backwards))
    with office.worker(), office.worker():
        office.ended(run_name)
        office.queue_is_taken()
        # Once more, now that all of it is old news.
        office.notify(*backwards)
        office.queue_is_taken()
    assert mirrored(run_name) == [
        (request["approval_id"], "approved", int(request["version"])),
        (run_name, "succeeded", int(run["version"])),
    ]
    told = AuditEvent.objects.filter(object_id__in=[run_name, request["approval_id"]]).values_list("action", flat=True)
    # Each topic is told by a line of its own, when the worker gets to it.
    seen = sorted(action for action in told if not action.endswith(".told"))
    assert seen == ["request.opened", "request.settled", "run.ended", "run.started"]


def test_a_notice_of_what_is_not_there_does_no_harm(office: Office) -> None:
    nowhere = f"expense-{uuid.uuid4().hex[:10]}"
    office.notify(notice(f"{nowhere}.manager", 3), notice(nowhere, 1, "WorkflowRuns"))
    with office.worker():
        office.queue_is_taken()
    assert mirrored(nowhere) == []


def test_a_poisoned_notice_ends_in_the_dead_letters_and_the_rest_flows(office: Office) -> None:
    mark = uuid.uuid4().hex
    poison = [f"no JSON {mark}", json.dumps({"changes": [{"table": "Elsewhere", "key": mark, "version": 1}]})]
    with office.impatient_queue(), office.worker():
        office.notify(*poison)
        run_name = office.submit("49.00")
        assert office.ended(run_name).status == "succeeded"
        dead: set[str] = set()

        def both_are_dead() -> bool:
            queue = {"QueueUrl": office.env["CHANGES_DEAD_LETTER_QUEUE_URL"]}
            found = office.aws("sqs").receive_message(**queue, MaxNumberOfMessages=10, VisibilityTimeout=60)
            dead.update(message["Body"] for message in found.get("Messages", []))
            return dead >= set(poison)

        office.until(both_are_dead, "the dead letters hold the poison", run_name)
        after = office.submit("48.00")
        assert office.ended(after).status == "succeeded"
    given_up = AuditEvent.objects.filter(action="notice.given_up")
    assert sum(mark in event.data["excerpt"] for event in given_up) == 2

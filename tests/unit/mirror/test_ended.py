"""Runs that ended without a word: their end is written, their requests are closed, and a normal end is left alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from approvals.mirror import overdue as module
from approvals.mirror.overdue import Overdue
from approvals.mirror.reconcile import reconcile
from approvals.models import ApprovalRequest, AuditEvent, Run
from approvals.models.clock import utc_text
from tests.factories import person, submission
from tests.portal_cloud import Aws, run_arn, settled
from tests.unit.mirror.conftest import Take, status_event

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "expense-dead123"
FAILURE = "SendDurableExecutionCallbackFailure"


def ago(**time: float) -> str:
    """A time in the past, as items write it."""
    return utc_text(timezone.now() - timedelta(**time))


def ended_event(status: str = "FAILED", at: str = "") -> dict[str, Any]:
    return status_event(NAME, run_arn(NAME), status, at or ago(seconds=30))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACE", 0)


@pytest.mark.parametrize(
    ("status", "written"), [("FAILED", "failed"), ("TIMED_OUT", "timed_out"), ("STOPPED", "cancelled")]
)
def test_a_run_that_died_gets_its_end_and_its_request_is_closed(
    aws: Aws, take: Take, status: str, written: str
) -> None:
    aws.put_run(run_name=NAME)
    item = aws.put_request(run_name=NAME)
    aws.send(ended_event(status))
    take()
    run = aws.run(NAME)
    assert (run["status"], run["version"], run["progress"][-1]["seq"]) == (written, 2, 2)
    request = aws.request(item["approval_id"])
    assert (request["status"], "callback_id" in request, "decision" in request) == ("error", False, False)
    last = request["events"][-1]
    assert (last["actor"], last["action"]) == ("reconcile", "closed")
    assert AuditEvent.objects.filter(action="run.end_written").count() == 1
    assert aws.depth(aws.queue) == 0


def test_a_repeated_status_event_writes_nothing_more(aws: Aws, take: Take) -> None:
    aws.put_run(run_name=NAME)
    item = aws.put_request(run_name=NAME)
    for _ in range(3):
        aws.send(ended_event())
        take()
    assert (aws.run(NAME)["version"], aws.request(item["approval_id"])["version"]) == (2, 2)


def test_a_run_that_wrote_its_end_keeps_it(aws: Aws, take: Take) -> None:
    aws.put_run(run_name=NAME, status="denied", result={"reason": "Too dear."})
    item = aws.put_request(run_name=NAME)
    aws.send(ended_event("SUCCEEDED"))
    take()
    assert (aws.run(NAME)["status"], aws.run(NAME)["version"]) == ("denied", 1)
    assert aws.request(item["approval_id"])["status"] == "error"


def test_a_fresh_end_gives_the_workflow_a_moment_to_write_its_own(aws: Aws, take: Take) -> None:
    aws.put_run(run_name=NAME)
    aws.send(ended_event("STOPPED", ago(seconds=0)))
    taken = take()
    assert (taken.deleted, aws.run(NAME)["status"], aws.depth(aws.queue)) == (0, "waiting", 1)


def test_a_running_event_is_no_end(aws: Aws, take: Take) -> None:
    aws.put_run(run_name=NAME)
    aws.send(ended_event("RUNNING"))
    take()
    assert (aws.run(NAME)["status"], aws.depth(aws.queue)) == ("waiting", 0)


def test_a_run_that_died_before_its_first_line_becomes_visible_with_its_requester(aws: Aws, take: Take) -> None:
    submission(person("rita"), run_name=NAME, title="Train to Lyon", state="submitted")
    aws.send(ended_event())
    take()
    run = aws.run(NAME)
    assert (run["status"], run["requester"], run["title"], run["workflow"], run["version"]) == (
        "failed", "rita", "Train to Lyon", "expense", 1,
    )  # fmt: skip
    reconcile()
    assert Run.objects.get().status == "failed"


def test_a_new_run_of_the_same_name_is_left_alone(aws: Aws, take: Take) -> None:
    aws.put_run(run_name=NAME, run_arn=run_arn(NAME, "0002"))
    item = aws.put_request(run_name=NAME, run_arn=run_arn(NAME, "0002"))
    aws.send(ended_event())
    take()
    assert (aws.run(NAME)["status"], aws.request(item["approval_id"])["status"]) == ("waiting", "pending")


def test_a_decision_that_nobody_was_left_to_follow_stays_in_the_closed_request(aws: Aws, take: Take) -> None:
    aws.put_run(run_name=NAME)
    decision = {"decision_id": "d-1", "decision": "approved"}
    item = aws.put_request(run_name=NAME, decision=decision)
    aws.send(ended_event())
    take()
    request = aws.request(item["approval_id"])
    assert (request["status"], request["decision"]) == ("error", decision)


def test_reconcile_rebuilds_an_empty_mirror(aws: Aws) -> None:
    items = [aws.put_request() for _ in range(30)]
    aws.put_run()
    summary = reconcile()
    assert summary.written == {"ApprovalRequests": 30, "WorkflowRuns": 1}
    assert set(ApprovalRequest.objects.values_list("approval_id", flat=True)) == {one["approval_id"] for one in items}
    again = reconcile()
    assert (again.seen, again.written) == (summary.seen, {"ApprovalRequests": 0, "WorkflowRuns": 0})


def test_a_dry_reconcile_only_says_what_it_would_do(aws: Aws) -> None:
    aws.put_run(run_name=NAME)
    item = aws.put_request(run_name=NAME, expires_at=ago(minutes=5))
    assert reconcile(dry_run=True).written == {"ApprovalRequests": 1, "WorkflowRuns": 1}
    assert not ApprovalRequest.objects.exists()
    aws.executions[run_arn(NAME)] = "RUNNING"
    reconcile()
    aws.executions[run_arn(NAME)] = "FAILED"
    assert reconcile(dry_run=True).closed == [item["approval_id"]]
    assert aws.request(item["approval_id"])["status"] == "pending"


def test_reconcile_closes_requests_whose_run_has_ended_unheard(aws: Aws) -> None:
    aws.put_run(run_name=NAME)
    item = aws.put_request(run_name=NAME, expires_at=ago(minutes=5))
    other = aws.put_request()  # its deadline lies ahead: AWS is not even asked
    aws.executions[run_arn(NAME)] = "TIMED_OUT"
    assert reconcile().closed == [item["approval_id"]]
    assert aws.run(NAME)["status"] == "timed_out"
    assert aws.request(other["approval_id"])["status"] == "pending"
    assert [call.operation for call in aws.calls] == ["GetDurableExecution"]


def test_reconcile_closes_requests_left_open_by_a_run_that_ended_properly(aws: Aws) -> None:
    aws.put_run(run_name=NAME, status="succeeded")
    item = aws.put_request(run_name=NAME)
    aws.executions[run_arn(NAME)] = "SUCCEEDED"
    assert reconcile().closed == [item["approval_id"]]
    assert aws.run(NAME)["version"] == 1


def test_a_silent_run_is_asked_for(aws: Aws) -> None:
    aws.put_run(run_name=NAME, updated_at=ago(hours=3))
    aws.executions[run_arn(NAME)] = "FAILED"
    reconcile()
    assert aws.run(NAME)["status"] == "failed"


def test_a_run_of_ours_that_aws_no_longer_knows_has_ended(aws: Aws) -> None:
    item = aws.put_request(run_name=NAME, expires_at=ago(days=40))
    assert reconcile().closed == [item["approval_id"]]
    assert "no longer knows" in aws.request(item["approval_id"])["events"][-1]["note"]


def test_a_run_of_another_stack_is_left_alone_when_it_cannot_be_found(aws: Aws) -> None:
    arn = run_arn(NAME).replace("function:expense:", "function:elsewhere:")
    item = aws.put_request(run_name=NAME, run_arn=arn, expires_at=ago(days=40))
    assert reconcile().closed == []
    assert aws.request(item["approval_id"])["status"] == "pending"


def test_a_run_whose_timer_was_lost_is_woken_and_not_before(aws: Aws) -> None:
    late = aws.put_request(run_name=NAME, expires_at=ago(minutes=11))
    fresh = aws.put_request(expires_at=ago(minutes=5))
    for item in (late, fresh):
        aws.executions[item["run_arn"]] = "RUNNING"
    assert reconcile().woken == [late["approval_id"]]
    [call] = aws.answered()
    assert (call.operation, call.callback_id) == (FAILURE, late["callback_id"])
    assert "ErrorData" not in call.json  # no answer that anybody gave
    assert aws.request(late["approval_id"])["status"] == "pending"  # the workflow settles, not we


@pytest.mark.parametrize("answer", [(400, "CallbackTimeoutException"), (500, "ServiceException")])
def test_a_wake_that_is_not_taken_is_not_claimed(aws: Aws, answer: tuple[int, str]) -> None:
    late = aws.put_request(run_name=NAME, expires_at=ago(minutes=11))
    aws.executions[late["run_arn"]] = "RUNNING"
    aws.script(FAILURE, answer)
    assert reconcile().woken == []


def test_an_item_that_is_gone_is_told_by_reconcile_once(aws: Aws) -> None:
    item = aws.put_request()
    reconcile()
    aws.remove_request(item["approval_id"])
    assert reconcile().gone == [f"ApprovalRequests {item['approval_id']}"]
    assert reconcile().gone == []
    assert ApprovalRequest.objects.count() == 1


def test_an_odd_item_does_not_stop_a_reconcile(aws: Aws) -> None:
    aws.put_request(approval_id="odd.manager", status="perhaps")
    aws.put_request()
    summary = reconcile()
    assert summary.written["ApprovalRequests"] == 1
    assert list(summary.unreadable) == ["ApprovalRequests odd.manager"]


def test_a_reconcile_that_is_interrupted_is_simply_started_again(aws: Aws) -> None:
    from approvals.aws.faults import Retryable

    for _ in range(5):
        aws.put_request()
    aws.script("Scan", *[(500, "InternalServerError")] * 12)
    with pytest.raises(Retryable):
        reconcile()
    aws.scripts.clear()
    assert reconcile().written["ApprovalRequests"] == 5


def test_a_scan_racing_the_stream_never_takes_a_row_back(aws: Aws, take: Take) -> None:
    from approvals.mirror.refresh import Refresher
    from approvals.mirror.scan import pages
    from approvals.mirror.tables import REQUESTS
    from tests.unit.mirror.conftest import notice

    item = aws.put_request()
    scanned = list(pages(REQUESTS))
    newer = settled(item)
    aws._put(aws.approvals, newer)
    aws.send(notice(newer))
    take()
    for page in scanned:
        assert Refresher().by_pages(REQUESTS, [page]).written == 0
    assert ApprovalRequest.objects.get().status == "approved"


def test_the_light_look_asks_only_for_the_overdue(aws: Aws) -> None:
    aws.put_run(run_name=NAME, status="succeeded")
    aws.put_request(run_name=NAME)
    reconcile(dry_run=False)
    aws.calls.clear()
    Overdue().look_after(everything=False)
    assert aws.calls == []


def test_times_of_the_event_are_read_with_their_zone() -> None:
    import json

    from approvals.mirror.notices import StatusChange, read

    told = read(json.dumps(status_event(NAME, run_arn(NAME), "FAILED", "2026-11-21T10:00:00+02:00")))
    assert isinstance(told, StatusChange)
    assert told.at == datetime.fromisoformat("2026-11-21T08:00:00Z")

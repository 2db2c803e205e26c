"""Runs that ended without writing it: their item gets its end, their open requests are closed with the reason."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from approvals.aws import queue
from approvals.aws.faults import AwsError
from approvals.aws.functions import Execution, get_run
from approvals.aws.queue import Message
from approvals.aws.requests import ENDED_RUNS, close_request, end_run
from approvals.aws.tables import approvals, runs
from approvals.mirror.notices import StatusChange
from approvals.models import Actor, ApprovalRequest, AuditEvent, Submission
from approvals.models.mirror import UNANSWERED

log = logging.getLogger(__name__)

RECONCILE = Actor.system("reconcile")
# A stopped or timed out execution may still be writing its own end for a moment.
GRACE = timedelta(seconds=10)
STATUS_OF = {
    Execution.SUCCEEDED: "succeeded",
    Execution.FAILED: "failed",
    Execution.TIMED_OUT: "timed_out",
    Execution.STOPPED: "cancelled",
}
TOLD = {
    Execution.SUCCEEDED: "The run finished",
    Execution.FAILED: "The run failed",
    Execution.TIMED_OUT: "The run reached its time limit",
    Execution.STOPPED: "The run was stopped",
}


def follow(change: StatusChange, message: Message) -> bool:
    """Act on an execution's end; True when its message is done with, False when it comes back after the grace.

    Raises an AwsError.
    """
    if not change.status.has_ended:
        return True
    item = runs().get(change.run_name)
    wrote_its_end = item is not None and item["status"] in ENDED_RUNS
    left = (change.at + GRACE - timezone.now()).total_seconds()
    if not wrote_its_end and left > 0:
        queue.postpone(message, int(left) + 1)
        return False
    reason = TOLD[change.status] if wrote_its_end else _reason(change.run_arn, change.status)
    finish(change.run_name, change.run_arn, change.status, reason)
    return True


def finish(run_name: str, run_arn: str, status: Execution, reason: str) -> list[str]:
    """Write the end of a run that has ended, where it is missing, and close its open requests; return their ids.

    Every write is conditional, so several may do this at once. The mirror brings the changes back, and with them the
    people who waited are told (``approvals.mirror.news``): a crash here can lose neither. Raises an AwsError.
    """
    origin = _origin(run_name, run_arn)
    if end_run(run_name, run_arn, STATUS_OF[status], f"{reason}.", origin):
        AuditEvent.objects.record(
            RECONCILE, "run.end_written", f"run:{run_name}", f"{reason}.", status=STATUS_OF[status], run_arn=run_arn
        )
    mirrored = ApprovalRequest.objects.filter(run_name=run_name, status="pending")
    # The index of the table may lag, and so may the mirror; what both miss, the next reconcile finds.
    keys = {*mirrored.values_list("approval_id", flat=True), *approvals().keys_of_run(run_name)}
    closed = [key for key in sorted(keys) if close_request(key, run_arn, f"{reason}{UNANSWERED}")]
    for key in closed:
        log.info("request %s closed: %s", key, reason)
    return closed


def _reason(run_arn: str, status: Execution) -> str:
    """Say why it ended, with Lambda's own words where it has some."""
    try:
        error = get_run(run_arn).error
    except AwsError as fault:
        log.info("no reason for the end of a run: %s", fault)
        error = ""
    return f"{TOLD[status]} ({error[:300]})" if error else TOLD[status]


def _origin(run_name: str, run_arn: str) -> dict[str, Any]:
    """Whose run it was, for a run that died before it could write its item."""
    submission = Submission.objects.filter(run_name=run_name).select_related("requester").first()
    if submission is None:
        return {"workflow": _workflow_of(run_name, run_arn), "requester": "", "title": run_name}
    requester, title = submission.requester.username, submission.title or run_name
    return {"workflow": submission.workflow, "requester": requester, "title": title}


def _workflow_of(run_name: str, run_arn: str) -> str:
    for workflow, alias in settings.WORKFLOW_ARNS.items():
        if run_arn.startswith(f"{alias.rpartition(':')[0]}:"):
            return str(workflow)
    return run_name.partition("-")[0]

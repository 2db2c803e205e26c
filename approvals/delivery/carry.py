"""One try of one delivery: the calls to AWS, in their order, and what came of them. Touches no database.

A decision: (1) write it into the request's item, while that is pending or holds it already; (2) wake the workflow.
The item decides, the callback only wakes, so what a crash leaves between any two lines, a second try completes.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from approvals.aws.faults import AwsError, Closed, Misconfigured, Retryable
from approvals.aws.functions import answer_callback, beat_callback, fail_callback, start_run
from approvals.aws.requests import attention_of, write_decision
from approvals.aws.secret import CallbackId
from approvals.aws.values import exact
from approvals.delivery.jobs import Job
from approvals.models import Delivery

# Decisions that close a request instead of answering it, and the ErrorType that their callback carries.
CLOSINGS = {"withdrawn": "Withdrawn", "cancelled": "Cancelled"}
# What the workflow accepts as a verdict (design.md §5); the item holds more.
VERDICT = ("decision_id", "decision", "comments", "decided_by", "decided_at", "response")
SETTLED_ALREADY = "The workflow had followed the decision in the item already."
CLOSED_ALREADY = "The callback was closed already; the workflow follows the decision in the item."
CLAIM_OVER = "The claim is over."
NO_ATTENTION = "The request waits for no sign of attention."
# Heartbeats in the time within which one must come: two may get lost.
BEATS = 3
CLOSED_BY_US = "An earlier try whose answer was lost had woken the workflow."


@dataclass(frozen=True)
class Report:
    """What came of a try. ``fault`` None means that it is delivered; ``note`` says what was unusual about that."""

    job: Job
    written_at: datetime | None = None
    accepted_at: datetime | None = None
    run_arn: str = ""
    note: str = ""
    fault: AwsError | None = None
    again_at: datetime | None = None
    """When the same is to be sent once more: heartbeats."""


def carry(job: Job) -> Report:
    """Do what the delivery says, as far as it goes. Never raises an AwsError: it is in the report."""
    match job.kind:
        case Delivery.Kind.START:
            return _start(job)
        case Delivery.Kind.HEARTBEAT:
            return _beat(job)
    return _decide(job)


def _beat(job: Job) -> Report:
    """Send one heartbeat, and say when the next is due while the claim holds."""
    until = datetime.fromisoformat(json.loads(job.payload)["until"])
    now = timezone.now()
    if until <= now:
        return Report(job, accepted_at=now, note=CLAIM_OVER)
    try:
        attention = attention_of(job.approval_id)
        if attention is None:
            return Report(job, accepted_at=now, note=NO_ATTENTION)
        beat_callback(attention.callback_id)
    except Closed:
        return Report(job, accepted_at=now, note=NO_ATTENTION)
    except AwsError as fault:
        return Report(job, fault=fault)
    following = timezone.now() + timedelta(seconds=attention.seconds) / BEATS
    return Report(job, accepted_at=timezone.now(), again_at=following if following < until else None)


def _start(job: Job) -> Report:
    alias = settings.WORKFLOW_ARNS.get(job.workflow)
    if alias is None:
        variable = f"{job.workflow.upper()}_WORKFLOW_ARN"
        return Report(job, fault=Misconfigured(f"This portal knows no workflow {job.workflow}: set {variable}."))
    try:
        run_arn = start_run(alias, job.run_name, job.payload.encode())
    except AwsError as fault:
        return Report(job, fault=fault)
    return Report(job, accepted_at=timezone.now(), run_arn=run_arn)


def _decide(job: Job) -> Report:
    decision = json.loads(job.payload)
    report = Report(job)
    try:
        written = write_decision(job.approval_id, exact(decision))
        report = replace(report, written_at=timezone.now())
        if written.callback_id is None:
            return replace(report, accepted_at=timezone.now(), note=SETTLED_ALREADY)
        if time.monotonic() > job.until:
            raise Retryable("The time for this try ran out before the workflow could be woken.")
        _wake(written.callback_id, decision)
    except Closed:
        # The item holds our decision and was pending a moment ago: whoever closed the callback, the workflow reads
        # the item when it settles.
        note = CLOSED_BY_US if job.error_kind == Retryable.kind else CLOSED_ALREADY
        return replace(report, accepted_at=timezone.now(), note=note)
    except AwsError as fault:
        return replace(report, fault=fault)
    return replace(report, accepted_at=timezone.now())


def _wake(callback_id: CallbackId, decision: Mapping[str, Any]) -> None:
    verdict = {name: decision[name] for name in VERDICT if name in decision}
    closing = CLOSINGS.get(decision["decision"])
    if closing is None:
        answer_callback(callback_id, verdict)
        return
    fail_callback(callback_id, closing, f"{closing} by {decision['decided_by']}.", verdict)

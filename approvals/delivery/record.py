"""What came of the tries, into the outbox and the record: one transaction for a batch of reports."""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from approvals.aws.faults import Closed, Lost
from approvals.delivery.backoff import is_hopeless, wait_after
from approvals.delivery.carry import Report
from approvals.delivery.jobs import Job
from approvals.models import Actor, AuditEvent, Delivery

log = logging.getLogger(__name__)
OUTBOX = Actor.system("outbox")


def record(reports: Iterable[Report]) -> None:
    """Store each report whose lease still holds; one whose lease somebody took over is dropped."""
    with transaction.atomic():
        for report in reports:
            _record(report)


def _record(report: Report) -> None:
    changes, action, summary = _outcome(report)
    if report.written_at and not report.job.was_written:
        changes["written_at"] = report.written_at
    job = report.job
    # The lease's end is the fence: a worker that slept through it finds another one here.
    held = Delivery.objects.waiting().filter(pk=job.pk, attempts=job.attempts, next_try_at=job.leased_until)
    if not held.update(**changes):
        log.warning("delivery %s was taken over", job.key)
        return
    if "written_at" in changes:
        _audit(job, "delivery.written", "The decision stands in the request's item.")
    if action:
        _audit(job, action, summary, error_kind=changes.get("error_kind", ""), attempts=job.attempts)
    log.info("delivery %s: %s", job.key, action or "will be tried again", extra={"attempts": job.attempts})


def _outcome(report: Report) -> tuple[dict[str, Any], str, str]:
    """Return what changes in the delivery, the action for the record ("" for none), and its summary."""
    fault, now = report.fault, timezone.now()
    if fault is None:
        kind = Closed.kind if report.note else ""
        ended = {"state": Delivery.State.DELIVERED, "finished_at": now, "accepted_at": report.accepted_at}
        changes = ended | {"run_arn": report.run_arn, "error_kind": kind, "error": report.note}
        return changes, "delivery.accepted", report.note or "AWS took it."
    told = {"error_kind": fault.kind, "error": str(fault)}
    if isinstance(fault, Lost):
        ended = {"state": Delivery.State.LOST, "finished_at": now, "winner": fault.winner}
        return told | ended, "delivery.lost", str(fault)
    if is_hopeless(fault, report.job.attempts, report.job.error_kind):
        return told | {"state": Delivery.State.STUCK, "finished_at": now}, "delivery.stuck", str(fault)
    again = told | {"next_try_at": now + wait_after(report.job.attempts)}
    # Once per change of kind: an outage of an hour is one line of the record, not hundreds.
    return again, "delivery.retrying" if fault.kind != report.job.error_kind else "", str(fault)


def _audit(job: Job, action: str, summary: str, **data: object) -> None:
    about = {"request": job.approval_id} if job.approval_id else {"run": job.run_name}
    AuditEvent.objects.record(OUTBOX, action, f"delivery:{job.key}", summary, **about, **data)

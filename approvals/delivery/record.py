"""What came of the tries, into the outbox and the record: a transaction of three statements for a batch.

Few statements, because between two of them the outbox's thread waits for its turn among those that speak with AWS.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from approvals.aws.faults import AwsError, Closed, Lost
from approvals.delivery.backoff import is_hopeless, wait_after
from approvals.delivery.carry import Report
from approvals.delivery.jobs import Job
from approvals.models import Actor, AuditEvent, Delivery, Occasion, Topic
from approvals.models.secrets import masked

log = logging.getLogger(__name__)
OUTBOX = Actor.system("outbox")
# What a report may change.
CHANGING = (
    "state", "attempts", "next_try_at", "written_at", "accepted_at", "finished_at", "run_arn", "error_kind", "error",
    "winner",
)  # fmt: skip


def record(reports: Sequence[Report]) -> None:
    """Store each report whose lease still holds; one whose lease somebody took over is dropped."""
    with transaction.atomic():
        held = _held([report.job for report in reports])
        changed: list[Delivery] = []
        lines: list[AuditEvent] = []
        for report in reports:
            delivery = held.get(report.job.pk)
            if delivery is None:
                log.warning("delivery %s was taken over", report.job.key)
                continue
            lines += _settle(delivery, report)
            changed.append(delivery)
        _store(changed)
        _forget_secrets(changed)
        AuditEvent.objects.bulk_create(lines)
        stuck = [one for one in changed if one.state == Delivery.State.STUCK]
        Occasion.objects.leave_all(_call_for_help(one) for one in stuck)


def _held(jobs: Sequence[Job]) -> dict[int, Delivery]:
    """Lock and return the deliveries that are still leased to these jobs.

    The lease's end is the fence: a worker that slept through it finds another one here.
    """
    rows = Delivery.objects.waiting().filter(pk__in=[job.pk for job in jobs]).order_by("pk").select_for_update()
    fences = {job.pk: (job.attempts, job.leased_until) for job in jobs}
    return {row.pk: row for row in rows if fences[row.pk] == (row.attempts, row.next_try_at)}


def _settle(delivery: Delivery, report: Report) -> list[AuditEvent]:
    """Change the delivery as the report says, and return the lines for the record."""
    lines, job = [], report.job
    if report.written_at and delivery.written_at is None:
        delivery.written_at = report.written_at
        lines.append(_line(job, "delivery.written", "The decision stands in the request's item."))
    fault = report.fault
    action, summary = _delivered(delivery, report) if fault is None else _failed(delivery, job, fault)
    if action:
        lines.append(_line(job, action, summary, error_kind=delivery.error_kind, attempts=job.attempts))
    log.info("delivery %s: %s", job.key, action or "will be tried again", extra={"attempts": job.attempts})
    return lines


def _delivered(delivery: Delivery, report: Report) -> tuple[str, str]:
    if report.again_at is not None:
        return _beating(delivery, report, report.again_at)
    delivery.state, delivery.finished_at = Delivery.State.DELIVERED, timezone.now()
    delivery.accepted_at, delivery.run_arn = report.accepted_at, report.run_arn
    delivery.error_kind, delivery.error = Closed.kind if report.note else "", report.note
    return "delivery.accepted", report.note or "AWS took it."


def _beating(delivery: Delivery, report: Report, again_at: datetime) -> tuple[str, str]:
    """Keep the delivery for its next heartbeat. The first is a line of the record; those after it would drown it."""
    is_first = delivery.accepted_at is None
    delivery.accepted_at, delivery.next_try_at, delivery.attempts = report.accepted_at, again_at, 0
    delivery.error_kind = delivery.error = ""
    return ("delivery.beating", "AWS hears that somebody attends to it.") if is_first else ("", "")


def _failed(delivery: Delivery, job: Job, fault: AwsError) -> tuple[str, str]:
    """Return the action for the record, "" where it said so already, and its summary."""
    delivery.error_kind, delivery.error = fault.kind, str(fault)
    if isinstance(fault, Lost):
        delivery.state, delivery.finished_at, delivery.winner = Delivery.State.LOST, timezone.now(), fault.winner
        return "delivery.lost", str(fault)
    if is_hopeless(fault, job.attempts, job.error_kind):
        delivery.state, delivery.finished_at = Delivery.State.STUCK, timezone.now()
        return "delivery.stuck", str(fault)
    delivery.next_try_at = timezone.now() + wait_after(job.attempts)
    # Once per change of kind: an outage of an hour is one line of the record, not hundreds.
    return "delivery.retrying" if fault.kind != job.error_kind else "", str(fault)


def _store(changed: Sequence[Delivery]) -> None:
    # bulk_update would spend longer on its CASEs than the database on the rows.
    if not changed:
        return
    fields = [field for field in Delivery._meta.concrete_fields if field.name in CHANGING]
    sets = ", ".join(f"{field.column} = %s" for field in fields)
    values = [
        [*(field.get_db_prep_save(getattr(one, field.attname), connection) for field in fields), one.pk]
        for one in changed
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Delivery._meta.db_table} SET {sets} WHERE id = %s", values)  # noqa: S608 (our own names)


def _forget_secrets(changed: Sequence[Delivery]) -> None:
    """Star the secrets out of starts that AWS has taken: nobody sends them again."""
    for delivery in changed:
        if delivery.state == Delivery.State.DELIVERED and masked(delivery.payload) != delivery.payload:
            delivery.payload = masked(delivery.payload)
            delivery.save(update_fields=["payload"])


def _call_for_help(stuck: Delivery) -> Occasion:
    # Each time that it gets stuck: the cause holds the moment.
    moment = f"{stuck.finished_at:%Y%m%dT%H%M%S.%fZ}"
    return Occasion.objects.line(
        Topic.OFFICE, stuck.key, cause=f"{stuck.key}:{moment}",
        of="delivery", what=stuck.get_kind_display(), error=stuck.error, pk=stuck.pk,
    )  # fmt: skip


def _line(job: Job, action: str, summary: str, **data: object) -> AuditEvent:
    about = {"request": job.approval_id} if job.approval_id else {"run": job.run_name}
    return AuditEvent.objects.line(OUTBOX, action, f"delivery:{job.key}", summary, **about, **data)

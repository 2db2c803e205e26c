"""Taking up deliveries: a lease by compare-and-set, so that any number of workers may race."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from approvals.models import Delivery

# Longer than one try can take with every timeout used up (approvals.aws.clients), so that a lease rarely ends early.
LEASE = timedelta(seconds=90)


@dataclass(frozen=True)
class Job:
    """A delivery that is ours until ``leased_until``; all that carrying it needs, so that carrying needs no database.

    ``until`` is the moment of the monotonic clock at which no further call is begun.
    """

    pk: int
    key: str
    kind: str
    payload: str
    workflow: str
    run_name: str
    approval_id: str
    attempts: int
    error_kind: str
    was_written: bool
    leased_until: datetime
    until: float


def claim_due(most: int) -> list[Job]:
    """Take up to ``most`` deliveries that are due, oldest first."""
    if not Delivery.objects.waiting().filter(next_try_at__lte=timezone.now()).exists():
        return []  # Spares SQLite's write lock while there is nothing to do.
    with transaction.atomic():
        due = Delivery.objects.waiting().filter(next_try_at__lte=timezone.now()).order_by("next_try_at", "id")
        # On SQLite the transaction itself is the lock.
        skipping = connection.features.has_select_for_update_skip_locked
        locked = due.select_for_update(skip_locked=skipping, of=("self",)) if skipping else due
        return _lease(list(locked.values_list("pk", flat=True)[:most]), LEASE)


def claim_one(pk: int, budget: timedelta) -> Job | None:
    """Take up this delivery, if it is due and nobody else has; begin no call after the budget."""
    with transaction.atomic():
        due = Delivery.objects.waiting().filter(pk=pk, next_try_at__lte=timezone.now())
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        return next(iter(_lease(list(due.values_list("pk", flat=True)), budget)), None)


def _lease(keys: list[int], budget: timedelta) -> list[Job]:
    if not keys:
        return []
    leased_until = timezone.now() + LEASE
    until = time.monotonic() + budget.total_seconds()
    leased = Delivery.objects.filter(pk__in=keys)
    leased.update(attempts=F("attempts") + 1, next_try_at=leased_until)
    taken = leased.select_related("submission", "decision__request", "claim__request").in_bulk()
    return [_job(taken[key], leased_until, until) for key in keys]


def _job(delivery: Delivery, leased_until: datetime, until: float) -> Job:
    submission, decision = delivery.submission, delivery.decision
    about = decision or delivery.claim
    return Job(
        pk=delivery.pk,
        key=delivery.key,
        kind=delivery.kind,
        payload=delivery.payload,
        workflow=submission.workflow if submission else "",
        run_name=(submission.run_name or "") if submission else "",
        approval_id=about.request.approval_id if about else "",
        attempts=delivery.attempts,
        error_kind=delivery.error_kind,
        was_written=delivery.written_at is not None,
        leased_until=leased_until,
        until=until,
    )

"""What is kept of an execution's history, and the shared allowance by which it is read."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import override

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from approvals.models.mirror import ENDED_RUNS, Run

# AWS keeps a history for at most 90 days after the end (Lambda, RetentionPeriodInDays).
LONGEST_RETENTION = timedelta(days=90)
# The item ends in the run's last step; the execution itself a moment later.
AFTER_THE_END = timedelta(seconds=5)
# Nobody else tries a timeline that somebody is at; longer than any reading takes.
LEASE = timedelta(minutes=5)
CAS_TRIES = 20


class TimelineQuerySet(models.QuerySet["Timeline"]):
    """Questions about timelines, and the moves that must happen once."""

    def note_ended(self, run_names: Iterable[str]) -> None:
        """Make the timelines of runs that were just seen ended due, once; what is kept already stays."""
        first_try = timezone.now() + AFTER_THE_END
        names = list(run_names)
        self.bulk_create([Timeline(run_name=name, due_at=first_try) for name in names], ignore_conflicts=True)
        self.filter(run_name__in=names, kept_at=None, due_at=None).update(due_at=first_try)

    def note_missed(self) -> int:
        """Make those due that ended unnoticed while AWS may still know them; return how many."""
        since = timezone.now() - LONGEST_RETENTION
        noted = Timeline.objects.filter(run_name=OuterRef("run_name")).exclude(kept_at=None, due_at=None)
        missed = Run.objects.filter(~Exists(noted), status__in=ENDED_RUNS, updated_at__gte=since)
        names = list(missed.values_list("run_name", flat=True))
        for start in range(0, len(names), 500):
            self.note_ended(names[start : start + 500])
        return len(names)

    def claim_due(self) -> "Timeline | None":
        """Take the timeline that is longest due, for the length of a lease; None where none is due.

        Not under a transaction: of several workers one row changes for one of them.
        """
        now = timezone.now()
        due = self.filter(due_at__lte=now).order_by("due_at", "id")
        for found in due.defer("story")[:CAS_TRIES]:
            if self.filter(pk=found.pk, due_at=found.due_at).update(due_at=now + LEASE, claimed_at=now):
                return found
        return None

    def claim_now(self, run_name: str, at_least: timedelta) -> bool:
        """Take a run's timeline for one reading, unless somebody did within ``at_least``."""
        now = timezone.now()
        self.get_or_create(run_name=run_name)
        free = Q(claimed_at=None) | Q(claimed_at__lt=now - at_least)
        return bool(self.filter(free, run_name=run_name, kept_at=None).update(claimed_at=now))


class Timeline(models.Model):
    """The redacted history of one execution: a copy to look at while the run is open, kept for good when it ended.

    ``kept_at`` is set once and ends every reading; ``due_at`` is set while the worker has still to fetch the end.
    """

    run_name = models.CharField(max_length=64, unique=True)
    story = models.JSONField(null=True, help_text="Operations as approvals.timeline.story writes them; redacted.")
    read_at = models.DateTimeField(null=True, help_text="When AWS was last asked with success.")
    read_version = models.BigIntegerField(default=0, help_text="The run's version when that reading began.")
    kept_at = models.DateTimeField(null=True, help_text="Since when nothing is read any more.")
    is_whole = models.BooleanField(default=False, help_text="Kept with the execution's own end.")
    due_at = models.DateTimeField(null=True, help_text="When the worker tries (again); also the end of its lease.")
    claimed_at = models.DateTimeField(null=True, help_text="When somebody last began to read.")
    attempts = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=20, default="", help_text="unreachable, busy, refused, forgotten, odd.")
    fault_text = models.TextField(default="", help_text="The last fault in words, without secrets.")

    objects = TimelineQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at", "id"], name="timelines_due", condition=Q(due_at__isnull=False))]

    @override
    def __str__(self) -> str:
        return self.run_name


class AllowanceQuerySet(models.QuerySet["Allowance"]):
    """The one move: take a turn."""

    def take(self, name: str, every: timedelta, ahead: timedelta) -> timedelta:
        """Take a turn and return zero, or return how long until one is free.

        Turns are ``every`` apart on average; after a rest, turns worth ``ahead`` may be taken at once. One row and a
        compare-and-set, so all processes of all machines share it; their clocks need to agree as well as NTP does.
        """
        row, _ = self.get_or_create(name=name, defaults={"next_at": timezone.now()})
        for _ in range(CAS_TRIES):
            now = timezone.now()
            start = max(row.next_at, now)
            if start - now > ahead:
                return start - now - ahead
            if self.filter(pk=name, next_at=row.next_at).update(next_at=start + every, taken=F("taken") + 1):
                return timedelta()
            row.refresh_from_db()
        return every


class Allowance(models.Model):
    """When the next call of a kind may be made, by whichever process."""

    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField()
    taken = models.BigIntegerField(default=0, help_text="Turns so far.")

    objects = AllowanceQuerySet.as_manager()

    @override
    def __str__(self) -> str:
        return self.name


def later(attempts: int) -> datetime:
    """Return when to try again after so many tries in vain: 5, 10, 20 seconds … six hours."""
    return timezone.now() + min(timedelta(seconds=5 * 2 ** min(attempts, 14)), timedelta(hours=6))

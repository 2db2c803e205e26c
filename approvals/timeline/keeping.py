"""Timelines into the database: read on demand while a run is open, kept for good when it has ended.

1. The mirror sees a run end and, in the same transaction, makes its timeline due (Timeline.objects.note_ended).
2. The worker takes what is due, reads the history and keeps it once it has the execution's own end.
3. While AWS is away, or the end is not in it yet, the timeline becomes due again, later each time.
4. A page may come first: it reads by the same function, and whoever is second changes nothing.
"""

import logging
import threading
from datetime import timedelta

from django.db import DataError
from django.utils import timezone

from approvals.aws.faults import AwsError, Forbidden, Missing, Retryable
from approvals.models import Run
from approvals.models.timeline import Timeline, later
from approvals.timeline.reading import FOR_PAGES, FOR_WORKER, Busy, read
from approvals.timeline.story import Story, to_json

log = logging.getLogger(__name__)

# One run is read at most once in so long, whoever asks.
FRESH = timedelta(seconds=5)
PAGE_PATIENCE = 2.5
WORKER_PATIENCE = 20.0
AT_ONCE = 20
# AWS keeps a history at least a day (RetentionPeriodInDays); not to find it before is another fault.
SHORTEST_RETENTION = timedelta(days=1)
UNREACHABLE, BUSY, REFUSED, FORGOTTEN, ODD = "unreachable", "busy", "refused", "forgotten", "odd"
# What an event of an unforeseen shape leads to.
MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
# Faults that end by themselves are tried again at least so often.
SOON = timedelta(minutes=10)


def is_stale(run: Run, timeline: Timeline | None) -> bool:
    """Whether the run has moved since its timeline was read (or tried)."""
    if not run.run_arn or (timeline and timeline.kept_at):
        return False
    return timeline is None or timeline.read_version != run.version


def refresh(run: Run, *, again: bool = False) -> Timeline | None:
    """Return the run's timeline, read anew where it is stale or a person asks for it ``again``.

    Never more often than every few seconds. Faults of AWS are kept in the timeline, not raised.
    """
    timeline = Timeline.objects.filter(run_name=run.run_name).first()
    if (again or is_stale(run, timeline)) and run.run_arn and Timeline.objects.claim_now(run.run_name, FRESH):
        read_into(run, patience=PAGE_PATIENCE, ahead=FOR_PAGES)
        timeline = Timeline.objects.filter(run_name=run.run_name).first()
    return timeline


def keep_due(stop: threading.Event, most: int = AT_ONCE) -> int:
    """Read what is due, longest due first; return how many were tried. Ends early while AWS is away."""
    for number in range(most):
        if stop.is_set():
            return number
        due = Timeline.objects.claim_due()
        if due is None:
            return number
        run = Run.objects.filter(run_name=due.run_name).first()
        if run is None or not run.run_arn:
            # Its item has not come, or never said which execution it was.
            _postpone(due.run_name, "", "")
            continue
        if read_into(run, patience=WORKER_PATIENCE, ahead=FOR_WORKER) in (UNREACHABLE, BUSY):
            return number + 1
    return most


def read_into(run: Run, *, patience: float, ahead: timedelta) -> str:
    """Read a run's history into its timeline; return what was wrong, "" if nothing was."""
    try:
        _store(run, read(run.run_arn, patience=patience, ahead=ahead))
    except AwsError as fault:
        kind, text = _kind_of(fault, run), str(fault)
    except (*MALFORMED, DataError) as fault:
        # One odd history must not stop the reading of all others.
        log.exception("the history of %s cannot be understood", run.run_name)
        kind, text = ODD, f"The history cannot be understood ({type(fault).__name__})."
    else:
        return ""
    log.info("timeline of %s not read (%s): %s", run.run_name, kind, text)
    _note_fault(run, kind, text)
    return kind


def _kind_of(fault: AwsError, run: Run) -> str:
    if isinstance(fault, Busy):
        return BUSY
    if isinstance(fault, Retryable):
        return BUSY if "TooManyRequests" in str(fault) or "Throttl" in str(fault) else UNREACHABLE
    if isinstance(fault, Missing):
        is_long_ago = run.has_ended and timezone.now() - run.updated_at > SHORTEST_RETENTION
        return FORGOTTEN if is_long_ago else ODD
    return REFUSED if isinstance(fault, Forbidden) else ODD


def _store(run: Run, story: Story) -> None:
    """Write what was read. Once it is kept, or when a later reading is there, nothing changes."""
    now = timezone.now()
    unkept = Timeline.objects.filter(run_name=run.run_name, kept_at=None, read_version__lte=run.version)
    read_values = {"story": to_json(story), "read_at": now, "read_version": run.version, "fault": "", "fault_text": ""}
    if story.has_ended:
        unkept.update(**read_values, kept_at=now, is_whole=not story.is_cut, due_at=None)
    elif unkept.update(**read_values):
        _postpone(run.run_name, "", "")


def _note_fault(run: Run, kind: str, text: str) -> None:
    if kind == FORGOTTEN:
        end = {"fault": kind, "fault_text": text[:500], "kept_at": timezone.now(), "due_at": None}
        Timeline.objects.filter(run_name=run.run_name, kept_at=None).update(**end)
        return
    # What a page tried in vain it does not try again by itself; the worker and people do.
    Timeline.objects.filter(run_name=run.run_name, kept_at=None).update(read_version=run.version)
    _postpone(run.run_name, kind, text)


def _postpone(run_name: str, kind: str, text: str) -> None:
    """Let the worker try again later, if it was to try at all."""
    timeline = Timeline.objects.filter(run_name=run_name, kept_at=None).defer("story").first()
    if timeline is None:
        return
    due_at = timeline.due_at and later(timeline.attempts)
    if due_at and kind in (UNREACHABLE, BUSY):
        due_at = min(due_at, timezone.now() + SOON)
    tried = timeline.attempts + (1 if due_at else 0)
    unkept = Timeline.objects.filter(pk=timeline.pk, kept_at=None)
    unkept.update(due_at=due_at, attempts=tried, fault=kind, fault_text=text[:500])

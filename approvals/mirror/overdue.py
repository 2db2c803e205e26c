"""Requests past their deadline and runs long silent: AWS is asked, and what has ended there is ended here."""

import logging
import re
import threading
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from approvals.aws.faults import AwsError, Closed, Missing
from approvals.aws.functions import Execution, fail_callback, get_run
from approvals.aws.tables import approvals
from approvals.mirror.ended import RECONCILE, TOLD, finish
from approvals.models import ApprovalRequest, AuditEvent, Run
from approvals.models.mirror import ENDED_RUNS
from approvals.models.pages import Order

log = logging.getLogger(__name__)

# Seconds between two questions: GetDurableExecution takes 30 a second in a region, for everybody together.
PACE = 0.1
# A workflow settles within seconds of its deadline.
GRACE = timedelta(minutes=1)
# An open callback so long after its deadline has lost its timer (the local runner forgets them at a restart). Also
# more than clocks are ever apart: waking a request that still has time would take it away from its people.
TIMER_LOST = timedelta(minutes=10)
# A run that waits for nobody and has written nothing for so long may have died unheard.
SILENT = timedelta(hours=1)
AT_ONCE = 50
UNKNOWN = "AWS no longer knows this run"


class Overdue:
    """One look after what is overdue; ``closed`` and ``woken`` list what it did (or, dry, would do)."""

    def __init__(self, *, dry_run: bool = False, stop: threading.Event | None = None) -> None:
        self.closed: list[str] = []
        self.woken: list[str] = []
        self._dry_run = dry_run
        self._stop = stop or threading.Event()

    def look_after(self, *, everything: bool) -> None:
        """Ask AWS for each run that should have ended, and act on the answer. Raises an AwsError.

        Unless ``everything``, only the requests longest overdue are looked at: what a worker does now and then.
        """
        asked: set[str] = set()
        for run_name, run_arn in self._suspects(everything=everything):
            if run_arn in asked or not run_arn:
                continue
            asked.add(run_arn)
            if self._stop.wait(PACE):
                return
            self._look(run_name, run_arn)

    def _suspects(self, *, everything: bool) -> Iterator[tuple[str, str]]:
        before = timezone.now() - GRACE
        if not everything:
            # By the queue's index: what is past the workflow's deadline is past its own.
            late = ApprovalRequest.objects.due(before).filter(expires_at__lt=before)
            yield from late.in_order(Order.DEADLINE).values_list("run_name", "run_arn")[:AT_ONCE]
            return
        ended = Run.objects.filter(run_name=OuterRef("run_name"), status__in=ENDED_RUNS)
        pending = ApprovalRequest.objects.filter(status="pending")
        overdue = pending.filter(Q(Exists(ended)) | Q(expires_at__lt=before))
        yield from overdue.values_list("run_name", "run_arn").iterator()
        waiting = pending.filter(run_name=OuterRef("run_name"))
        silent = Run.objects.exclude(status__in=ENDED_RUNS).filter(updated_at__lt=timezone.now() - SILENT)
        yield from silent.exclude(Exists(waiting)).values_list("run_name", "run_arn").iterator()

    def _look(self, run_name: str, run_arn: str) -> None:
        try:
            status = get_run(run_arn).status
        except Missing:
            # Only of a function of ours: elsewhere it may be this portal that looks in the wrong place.
            if not is_ours(run_arn):
                log.warning("run %s is of another stack and left alone", run_name)
                return
            self._finish(run_name, run_arn, Execution.FAILED, UNKNOWN)
            return
        if status.has_ended:
            self._finish(run_name, run_arn, status, TOLD[status])
        elif status is Execution.RUNNING:
            self._wake(run_name)

    def _finish(self, run_name: str, run_arn: str, status: Execution, reason: str) -> None:
        if self._dry_run:
            pending = ApprovalRequest.objects.filter(run_name=run_name, run_arn=run_arn, status="pending")
            self.closed += pending.values_list("approval_id", flat=True)
            return
        self.closed += finish(run_name, run_arn, status, reason)

    def _wake(self, run_name: str) -> None:
        """Wake a run whose timer was lost; it follows the decision in its item, or ends its request as failed."""
        limit = timezone.now() - TIMER_LOST
        late = ApprovalRequest.objects.filter(run_name=run_name, status="pending", expires_at__lt=limit)
        for key in late.values_list("approval_id", flat=True):
            if self._dry_run:
                self.woken.append(key)
                continue
            item = approvals().get(key)
            if not item or item["status"] != "pending" or "callback_id" not in item:
                continue
            try:
                fail_callback(item["callback_id"], "TimerLost", f"Nobody answered by {item['expires_at']}.")
            except Closed:
                continue  # The timer had fired; the workflow is about to settle.
            except AwsError as fault:
                log.warning("request %s could not be woken: %s", key, fault)
                continue
            self.woken.append(key)
            AuditEvent.objects.record(RECONCILE, "request.woken", f"request:{key}", "Its timer was lost.")


def is_ours(run_arn: str) -> bool:
    """Whether the execution is of a function that this portal starts."""
    functions = "|".join(re.escape(alias.rpartition(":")[0]) for alias in settings.WORKFLOW_ARNS.values())
    return re.match(rf"(?:{functions}):[^/:]+/durable-execution/", run_arn) is not None

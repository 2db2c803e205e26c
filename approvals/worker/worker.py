"""The worker as a whole: its parts, its pulse, and how it ends."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

from approvals.actions.deadlines import pass_due
from approvals.delivery.outbox import Outbox
from approvals.mailing.post import Postman
from approvals.mirror.overdue import Overdue
from approvals.models import SearchDue
from approvals.notifying.pruning import Pruner
from approvals.notifying.teller import Teller
from approvals.timeline.keeping import keep_due
from approvals.worker.mirroring import Mirroring
from approvals.worker.part import Part
from approvals.worker.pulsing import EVERY, write_pulse

log = logging.getLogger(__name__)

OVERDUE_EVERY = 60.0
STEPS_EVERY = 5.0
TIMELINES_EVERY = 5.0
SEARCH_EVERY = 1.0
# A long poll and a batch, or the deliveries under way, whichever takes longer.
DRAIN = 8.0


class Worker:
    """Mirror, outbox, and what else is due, until ``stop`` is set. Any number may run side by side."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._mirroring = Mirroring(stop)
        self._outbox = Outbox()
        self._mirror = Part("mirror", self._mirroring.step, stop)
        self._delivery = Part("outbox", self._outbox.step, stop, finish=self._outbox.drain)
        rest: dict[str, Callable[[], float]] = {
            "steps": lambda: 0 if pass_due() else STEPS_EVERY,
            "search": lambda: 0 if SearchDue.objects.work() else SEARCH_EVERY,
            "overdue": self._look_after_overdue,
            "timelines": self._keep_timelines,
            "notifications": Teller().step,
            "pruning": Pruner().step,
        }
        self._mail = Part("mail", Postman().step, stop)
        self._parts = [
            self._mirror,
            self._delivery,
            self._mail,
            *(Part(name, step, stop) for name, step in rest.items()),
        ]

    def run(self) -> bool:
        """Work until told to stop, then let everything under way finish; False when a part broke."""
        for part in self._parts:
            part.start()
        log.info("worker started")
        while not self._stop.wait(EVERY):
            self._pulse()
        deadline = time.monotonic() + DRAIN
        for part in self._parts:
            part.join(max(0.0, deadline - time.monotonic()))
        self._pulse()
        log.info("worker ended")
        return not any(part.crashed for part in self._parts)

    def once(self) -> None:
        """Take what the queue has, deliver, do what else is due, and return. Raises what fails."""
        self._mirroring.take_all()
        pass_due()
        while self._outbox.step() == 0:
            pass
        while SearchDue.objects.work():
            pass
        self._look_after_overdue()
        self._keep_timelines()
        for step in (Teller().step, Postman().step, Pruner().step):
            while step() == 0:
                pass
        self._pulse()

    def _look_after_overdue(self) -> float:
        Overdue(stop=self._stop).look_after(everything=False)
        return OVERDUE_EVERY

    def _keep_timelines(self) -> float:
        keep_due(self._stop)
        return TIMELINES_EVERY

    def _pulse(self) -> None:
        try:
            write_pulse(self._mirroring, self._mirror.patience, self._delivery.patience, self._mail.patience)
        except (DatabaseError, InterfaceError):
            # The parts say that the database is away; the pulse's silence says it too.
            connection.close()

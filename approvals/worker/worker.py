"""The worker as a whole: its parts, its pulse, and how it ends."""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, connection

from approvals.actions.deadlines import pass_due
from approvals.delivery.mail import send_due
from approvals.delivery.outbox import Outbox
from approvals.mirror.overdue import Overdue
from approvals.timeline.keeping import keep_due
from approvals.worker.mirroring import Mirroring
from approvals.worker.part import Part
from approvals.worker.pulsing import EVERY, write_pulse

log = logging.getLogger(__name__)

OVERDUE_EVERY = 60.0
STEPS_EVERY = 5.0
TIMELINES_EVERY = 5.0
# A long poll and a batch, or the deliveries under way, whichever takes longer.
DRAIN = 8.0


class Worker:
    """Mirror, outbox, mail, and a look after what is overdue or ended, until ``stop`` is set. Any number may run."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._mirroring = Mirroring(stop)
        self._outbox = Outbox()
        self._mirror = Part("mirror", self._mirroring.step, stop)
        self._delivery = Part("outbox", self._outbox.step, stop, finish=self._outbox.drain)
        self._overdue = Part("overdue", self._look_after_overdue, stop)
        self._timelines = Part("timelines", self._keep_timelines, stop)
        self._mail = Part("mail", send_due, stop)
        self._steps = Part("steps", self._look_after_steps, stop)

    def run(self) -> bool:
        """Work until told to stop, then let everything under way finish; False when a part broke."""
        parts = (self._mirror, self._delivery, self._overdue, self._timelines, self._mail, self._steps)
        for part in parts:
            part.start()
        log.info("worker started")
        while not self._stop.wait(EVERY):
            self._pulse()
        deadline = time.monotonic() + DRAIN
        for part in parts:
            part.join(max(0.0, deadline - time.monotonic()))
        self._pulse()
        log.info("worker ended")
        return not any(part.crashed for part in parts)

    def once(self) -> None:
        """Take what the queue has, deliver, do what else is due, and return. Raises what fails."""
        self._mirroring.take_all()
        pass_due()
        while self._outbox.step() == 0:
            pass
        Overdue(stop=self._stop).look_after(everything=False)
        keep_due(self._stop)
        while send_due() == 0:
            pass

    def _look_after_overdue(self) -> float:
        Overdue(stop=self._stop).look_after(everything=False)
        return OVERDUE_EVERY

    def _keep_timelines(self) -> float:
        keep_due(self._stop)
        return TIMELINES_EVERY

    def _look_after_steps(self) -> float:
        return 0 if pass_due() else STEPS_EVERY

    def _pulse(self) -> None:
        try:
            write_pulse(self._mirroring, self._mirror.patience, self._delivery.patience)
        except (DatabaseError, InterfaceError):
            # The parts say that the database is away; the pulse's silence says it too.
            connection.close()

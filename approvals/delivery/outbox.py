"""The outbox at work: one thread speaks with the database, a pool of threads with AWS.

The pool is fed continuously and reports are recorded in batches, so neither side waits for the slowest of the other.
"""

import logging
import queue
import threading
import time

from approvals.aws.faults import Misconfigured
from approvals.delivery.carry import Report, carry
from approvals.delivery.jobs import Job, claim_due
from approvals.delivery.record import record

log = logging.getLogger(__name__)

THREADS = 16
# While some are on their way the others wait at hand: no thread waits for the database.
IN_HAND = 4 * THREADS
# Seconds that a report waits for others, at most: a transaction for two costs as much as one for twenty.
GATHER = 0.03
IDLE = 0.5
DRAIN = 5.0


class Outbox:
    """Deliveries that are due, carried until told to stop. ``step`` and ``drain`` belong to one thread."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        # Reports that the database has not taken yet.
        self._unrecorded: list[Report] = []
        self._in_hand = 0
        self._started = False
        self.last: Report | None = None

    def step(self) -> float:
        """Record what came back, take up what is due; return the seconds until it is worth asking again."""
        self._collect(wait=IDLE if self._in_hand else 0)
        self._record()
        room = IN_HAND - self._in_hand
        jobs = claim_due(room) if room >= THREADS else []
        self._hand_out(jobs)
        return 0 if self._in_hand else IDLE

    def drain(self) -> None:
        """Wait a few seconds for what is on its way and record it. What stays out is taken up when its lease ends."""
        deadline = time.monotonic() + DRAIN
        while self._in_hand > len(self._unrecorded) and time.monotonic() < deadline:
            self._collect(wait=0.2)
        self._record()

    def _hand_out(self, jobs: list[Job]) -> None:
        if jobs and not self._started:
            self._started = True
            for number in range(THREADS):
                # Daemons: a call that hangs must not keep the process from ending.
                threading.Thread(target=self._carry, name=f"outbox-{number}", daemon=True).start()
        for job in jobs:
            self._in_hand += 1
            self._jobs.put(job)

    def _carry(self) -> None:
        while True:
            self._reports.put(attempt(self._jobs.get()))

    def _collect(self, wait: float) -> None:
        """Take the reports that are there, and those that come in a moment if there are more on their way."""
        try:
            first = self._reports.get(timeout=wait) if wait else self._reports.get_nowait()
            self._unrecorded.append(first)
            until = time.monotonic() + GATHER
            while len(self._unrecorded) < self._in_hand:
                left = until - time.monotonic() if len(self._unrecorded) < THREADS else 0
                self._unrecorded.append(self._reports.get(timeout=left) if left > 0 else self._reports.get_nowait())
        except queue.Empty:
            return

    def _record(self) -> None:
        if self._unrecorded:
            record(self._unrecorded)
            self._in_hand -= len(self._unrecorded)
            self.last = self._unrecorded[-1]
            self._unrecorded.clear()


def attempt(job: Job) -> Report:
    """Carry one job, whatever it holds: a delivery that breaks the code gets stuck by itself, with its fault logged."""
    try:
        return carry(job)
    except Exception as error:
        # The boundary of a thread that many deliveries share.
        log.exception("delivery %s broke", job.key)
        return Report(job, fault=Misconfigured(f"The delivery cannot be carried ({type(error).__name__})."))

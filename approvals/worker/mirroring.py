"""The worker's mirror: long polls, batches, and a batch in hand that is tried until it is in."""

import threading
from datetime import datetime

from django.utils import timezone

from approvals.aws import queue
from approvals.aws.clients import LONG_POLL
from approvals.aws.queue import Message
from approvals.mirror.intake import Intake, Taken

# Ten messages come at a time; a busy queue is emptied in batches of up to a hundred.
RECEIVES_PER_BATCH = 10


class Mirroring:
    """Takes what the queue has. ``reached``: every change sent before it is mirrored."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._intake = Intake()
        self._in_hand: list[Message] = []
        self.reached: datetime | None = None

    def step(self) -> float:
        """Take one batch. Raises an AwsError or a database error: the batch stays in hand for the next step.

        Receiving goes on only after that, so that an outage of database or table does not use up the receives of
        every message and fill the dead letters with good news.
        """
        asked_at = timezone.now()
        if not self._in_hand:
            self._in_hand = self._receive(LONG_POLL)
        taken = self._intake.take(self._in_hand) if self._in_hand else Taken()
        self._in_hand = []
        self.reached = taken.oldest or asked_at
        return 0

    def take_all(self) -> None:
        """Take batches until the queue gives nothing."""
        while not self._stop.is_set():
            self._in_hand = self._in_hand or self._receive(1)
            if not self._in_hand:
                return
            self.step()

    def _receive(self, wait: int) -> list[Message]:
        found = queue.receive(wait)
        batch = list(found)
        # More is likely only behind a full hand.
        while len(found) == queue.MESSAGES_PER_CALL and len(batch) < RECEIVES_PER_BATCH * queue.MESSAGES_PER_CALL:
            if self._stop.is_set():
                break
            found = queue.receive(0)
            batch += found
        return list({message.id: message for message in batch}.values())

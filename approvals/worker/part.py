"""One part of the worker: a thread that repeats a step until it is told to stop."""

import logging
import threading
from collections.abc import Callable
from typing import override

from django.db import InterfaceError, OperationalError, connection

from approvals.aws.faults import AwsError
from approvals.mailing.post import MailServerAway
from approvals.worker.patience import Patience

log = logging.getLogger(__name__)

# What passes by itself: AWS, the mail server or the database does not answer.
OUTAGES = (AwsError, MailServerAway, OperationalError, InterfaceError)


class Part(threading.Thread):
    """Repeats ``step``, which returns the seconds until the next; outages are waited out, a fault of ours ends all.

    A thread each, not a process: the parts wait for AWS and the database most of the time, a second interpreter would
    cost 60 MB to save little, and one process is one thing to supervise. For more throughput start more workers.
    """

    def __init__(
        self, name: str, step: Callable[[], float], stop: threading.Event, *, finish: Callable[[], None] | None = None
    ) -> None:
        # A daemon: an end that was asked for does not wait for a call that hangs.
        super().__init__(name=name, daemon=True)
        self.patience = Patience(name)
        self.crashed = False
        self._step = step
        self._finish = finish
        self._stop_asked = stop

    @override
    def run(self) -> None:
        try:
            while not self._stop_asked.is_set():
                self._stop_asked.wait(self.once())
            if self._finish:
                self._finish()
        except OUTAGES as fault:
            log.warning("%s ended with work on its way, which is taken up again later: %s", self.name, fault)
        except Exception:
            # The end of a thread: a fault of ours must stop the whole worker, not silently half of it.
            log.exception("%s broke", self.name)
            self.crashed = True
            self._stop_asked.set()
        finally:
            connection.close()

    def once(self) -> float:
        """Do one step and return the seconds to wait."""
        try:
            pause = self._step()
        except OUTAGES as fault:
            connection.close()  # A broken connection is not used again.
            return self.patience.failed(fault)
        self.patience.worked()
        return pause

"""Patience with what does not work: growing pauses, and one line when it begins, changes and ends."""

import logging
import random
import threading
from datetime import datetime

from django.utils import timezone

log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0


class Patience:
    """How long something has failed. Read by the pulse while its part writes it, hence the lock."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._failures = 0
        self._kind = ""
        self._fault = ""
        self._since: datetime | None = None
        self._worked_at: datetime | None = None

    def worked(self) -> None:
        """Note that it works (again)."""
        with self._lock:
            since, self._since = self._since, None
            self._failures, self._kind, self._fault = 0, "", ""
            self._worked_at = timezone.now()
        if since:
            log.info("%s works again, after %s", self.name, str(timezone.now() - since).split(".", maxsplit=1)[0])

    def failed(self, fault: Exception) -> float:
        """Note a failure and return the seconds to wait: 1, 2, 4 … 30, the later half of them at random."""
        kind = type(fault).__name__
        with self._lock:
            is_new = kind != self._kind
            self._failures += 1
            self._kind, self._fault = kind, str(fault).strip() or kind
            self._since = self._since or timezone.now()
            longest = min(LONGEST_PAUSE, 2.0 ** min(self._failures - 1, 8))
        if is_new:
            log.warning("%s does not work: %s", self.name, fault)
        return random.uniform(longest / 2, longest)  # noqa: S311 (jitter, not a secret)

    @property
    def standing(self) -> tuple[datetime | None, datetime | None, str]:
        """When it last worked, since when it fails (None: it works), and the fault."""
        with self._lock:
            return self._worked_at, self._since, self._fault

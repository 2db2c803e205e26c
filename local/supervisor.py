"""Keeps children together: if one ends, or we are told to stop, all end, and it is said which and why."""

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType

from local.processes import Child, still_running

POLL_SECONDS = 0.2
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Ctrl-C or a signal asked us to stop. Not an Exception: no handler of errors may swallow it."""


@contextlib.contextmanager
def stop_signals() -> Iterator[None]:
    """Within, the first SIGINT, SIGTERM or SIGHUP raises StopRequested; later ones do not disturb the stopping."""
    before = {signum: signal.getsignal(signum) for signum in _SIGNALS}

    def stop(_signum: int, _frame: FrameType | None) -> None:
        for signum in _SIGNALS:
            signal.signal(signum, signal.SIG_IGN)
        raise StopRequested

    for signum in _SIGNALS:
        signal.signal(signum, stop)
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def watch(children: list[Child]) -> None:
    """Return never: raises ChildError as soon as one child ends, StopRequested when we are told to stop."""
    while True:
        still_running(children)
        time.sleep(POLL_SECONDS)

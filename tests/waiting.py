"""Waiting for what must come true, with a deadline and something to read when it does not."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 40.0
PAUSE_SECONDS = 0.05


def eventually[Found](
    find: Callable[[], Found],
    what: str,
    *,
    seconds: float = PATIENCE_SECONDS,
    story: Callable[[], str] = str,
) -> Found:
    """Return what `find` gives as soon as it is true. Fails after `seconds`, naming `what` and telling the `story`."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {seconds:.0f} s: {what}. Last seen: {found!r}\n{story()}")
        time.sleep(PAUSE_SECONDS)
    return found

"""Waiting for what must come true, with a deadline and something to read when it does not."""

import time
from collections.abc import Callable

# Long enough for a machine that does much else: a test that is right never waits so long, one that hangs ends.
PATIENCE_SECONDS = 240.0
PAUSE_SECONDS = 0.05


def eventually[Found](
    find: Callable[[], Found | None], what: str = "it comes to that", *, story: Callable[[], str] = str
) -> Found:
    """Return what `find` gives as soon as it is true. When patience ends, fail with `what` and the `story`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := find()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {PATIENCE_SECONDS:.0f} s: {what}. Last seen: {found!r}\n{story()}")
        time.sleep(PAUSE_SECONDS)
    return found

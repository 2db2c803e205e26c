"""Ends what a killed parent left behind.

A parent that is ended with SIGKILL cannot stop its children. It therefore names each child's process group
here, one "+<pgid>" per line on stdin ("-<pgid>" when the child has ended). When stdin closes the parent is
gone, and the groups that are still named are ended: politely first, for good after a grace period.
"""

import contextlib
import os
import signal
import sys
import time

GRACE_SECONDS = 8.0


def end_groups(groups: set[int], grace: float = GRACE_SECONDS) -> None:
    """Send SIGTERM to every group's leader, wait up to `grace` seconds for all, then SIGKILL the groups."""
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(group, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and any(_alive(group) for group in groups):
        time.sleep(0.1)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _alive(group: int) -> bool:
    try:
        os.kill(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main() -> None:
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)  # only the parent's end counts
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    end_groups(groups)


if __name__ == "__main__":
    main()

"""Where the suite keeps what lasts no longer than itself: in memory, if there is enough.

Databases, the unpacked functions of the local clouds and the browser's profile are many small files, for which a disk
that is shared with others is the slowest part of the machine.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 10 * 1024**3
_PREFIX = "countersign-"


def use_memory() -> None:
    """Let every temporary file of this process, and of those that it starts, lie in memory; removed at the end."""
    if Path(tempfile.gettempdir()).is_relative_to(MEMORY) or not _has_room():
        return
    _remove_left_behind()
    scratch = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=MEMORY)
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)


def _has_room() -> bool:
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ENOUGH_BYTES:
        return False
    told = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    return int(told["MemAvailable"].split()[0]) * 1024 >= ENOUGH_BYTES


def _remove_left_behind() -> None:
    """Remove what a killed run left, by the process in its name."""
    for left in MEMORY.glob(f"{_PREFIX}[0-9]*-*"):
        owner = left.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            shutil.rmtree(left, ignore_errors=True)

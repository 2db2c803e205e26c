"""One demo a checkout."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from local.demo_settings import SettingsError
from local.processes import STATE


@contextlib.contextmanager
def only_one(state: Path = STATE) -> Iterator[None]:
    """Hold the demo's lock. Raises SettingsError if another demo of this checkout runs."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "demo.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError("A demo of this checkout is running. Stop it first (Ctrl-C where it runs).") from None
        yield

"""The supervisor says which part ended and why, and a signal ends the watching once."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from local.processes import Child, ChildError, base_env
from local.supervisor import StopRequested, stop_signals, watch


def child(tmp_path: Path, name: str, code: str) -> Child:
    return Child(name, [sys.executable, "-c", code], env=base_env(), log=tmp_path / f"{name}.log").start()


def test_a_part_that_ends_is_named_with_its_last_words(tmp_path: Path) -> None:
    steady = child(tmp_path, "portal", "import time; time.sleep(60)")
    dying = child(tmp_path, "worker", "import sys; sys.exit('queue does not exist')")
    with pytest.raises(ChildError, match=r"worker ended with status 1(.|\n)*queue does not exist"):
        watch([steady, dying])
    for part in (steady, dying):
        part.stop()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_to_stop_and_a_second_one_does_not_disturb(signum: signal.Signals) -> None:
    before = signal.getsignal(signum)
    with stop_signals():
        with pytest.raises(StopRequested):
            os.kill(os.getpid(), signum)
        os.kill(os.getpid(), signum)
    assert signal.getsignal(signum) is before


def test_a_signal_ends_the_watching(tmp_path: Path) -> None:
    steady = child(tmp_path, "portal", "import time; time.sleep(60)")
    later = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
    with stop_signals():
        later.start()
        with pytest.raises(StopRequested):
            watch([steady])
    steady.stop()

"""No child of the local cloud outlives its parent, however the parent ends."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from local.processes import ROOT, Child, ChildError, base_env, free_port, port_is_free, run
from tests.waiting import eventually

# Starts a grandchild, writes its pid into the file named by argv[1], and sleeps.
FAMILY = """
import subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "w").write(str(grandchild.pid))
time.sleep(60)
"""
# A parent with a family of its own, started by the local cloud's own means.
PARENT = """
import sys, time
from pathlib import Path
from local.processes import Child, base_env
log = Path(sys.argv[1] + ".log")
Child("family", [sys.executable, "-c", sys.argv[2], sys.argv[1]], env=base_env(), log=log).start()
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def written_pid(path: Path) -> int:
    eventually(lambda: path.exists() and path.read_text())
    return int(path.read_text())


def child(tmp_path: Path, code: str, *arguments: str) -> Child:
    argv = [sys.executable, "-c", code, *arguments]
    return Child("the child", argv, env=base_env(), log=tmp_path / "child.log")


def test_stopping_a_child_ends_what_it_started_too(tmp_path: Path) -> None:
    family = child(tmp_path, FAMILY, str(tmp_path / "pid")).start()
    grandchild = written_pid(tmp_path / "pid")
    assert is_alive(grandchild)
    family.stop(grace=5)
    eventually(lambda: not is_alive(grandchild))


def test_a_child_that_will_not_go_is_ended_after_its_grace(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    stubborn = child(
        tmp_path,
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "time.sleep(60)",
        str(ready),
    ).start()
    eventually(ready.exists)
    pid = stubborn.pid
    stubborn.stop(grace=0.2)
    assert not is_alive(pid)


def test_a_killed_parent_leaves_nobody_behind(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", PARENT, str(tmp_path / "pid"), FAMILY]
    parent = subprocess.Popen(argv, cwd=ROOT)
    grandchild = written_pid(tmp_path / "pid")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    eventually(lambda: not is_alive(grandchild))


def test_a_child_that_ends_before_it_answers_is_reported_with_its_last_words(tmp_path: Path) -> None:
    failing = child(tmp_path, "import sys; sys.exit('no such table')").start()
    with pytest.raises(ChildError, match=r"the child ended with status 1(.|\n)*no such table"):
        failing.wait_for_http("http://127.0.0.1:9/", 20)
    failing.stop()


def test_a_failing_command_is_reported_with_its_last_words(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "print('half done'); raise SystemExit(3)"]
    with pytest.raises(ChildError, match=r"migrate failed with status 3(.|\n)*half done"):
        run("migrate", argv, env=base_env(), log=tmp_path / "log")


def test_the_last_words_are_this_runs_not_an_earlier_ones(tmp_path: Path) -> None:
    (tmp_path / "child.log").write_text("old words\n")
    speaking = child(tmp_path, "print('new words')").start()
    speaking.wait()
    assert speaking.tail() == "new words"
    speaking.stop()


def test_a_taken_port_is_not_free() -> None:
    port = free_port()
    assert port_is_free(port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert not port_is_free(port)


def test_children_inherit_nothing_of_the_callers_aws_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    assert not [name for name in base_env() if name.startswith("AWS")]
    assert base_env()["PATH"] == os.environ["PATH"]

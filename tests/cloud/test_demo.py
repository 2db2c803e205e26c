"""`make demo`, run as a newcomer would: it comes up, says what it needs, and leaves no process behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.demo_settings import PORTS
from local.gateway import HEALTH
from local.processes import ROOT, free_port
from tests.waiting import PATIENCE_SECONDS, eventually

pytestmark = pytest.mark.cloud


class Demo:
    """A demo with state and ports of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.ports = {name: str(free_port()) for name in PORTS}
        self.output = state / "output.txt"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def start(self, **ports: str) -> None:
        env = os.environ | self.ports | ports | {"COUNTERSIGN_STATE": str(self.state), "COLUMNS": "160"}
        with self.output.open("wb") as out:
            argv = [sys.executable, "-m", "local.up"]
            self._process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_usable(self, seconds: float = 2 * PATIENCE_SECONDS) -> None:
        """Usable: the portal answers and the logins are printed."""
        deadline = time.monotonic() + seconds
        while "Ctrl-C stops all" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.2)

    def page(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['PORTAL_PORT']}{path}", timeout=60) as answer:
            status: int = answer.status
            return status

    def handlers(self) -> int:
        """How many workflows' functions run just now."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['GATEWAY_PORT']}{HEALTH}", timeout=60) as answer:
                return int(json.load(answer)["handlers"])
        except OSError:
            return 0

    def left_behind(self) -> list[str]:
        """The processes that belong to this demo, by what their environment or command line names."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) not in (os.getpid(), self.process.pid):
                try:
                    text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                except OSError:
                    continue
                marks = (str(self.state), f"127.0.0.1:{self.ports['MINISTACK_PORT']}")
                if any(mark.encode() in text for mark in marks):
                    found.append(text.replace(b"\0", b" ").decode(errors="replace")[:120])
        return found

    def pid_of(self, command: str) -> int:
        """The process of this demo whose command line holds `command`."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    cmdline = (entry / "cmdline").read_bytes().decode().replace("\0", " ")
                    environ = (entry / "environ").read_bytes().decode()
                except OSError:
                    continue
                if command in cmdline and str(self.state) in environ:
                    return int(entry.name)
        raise AssertionError(f"no {command} runs")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(PATIENCE_SECONDS)


def test_a_taken_port_is_named_with_the_variable_to_set(demo: Demo) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(demo.ports["GATEWAY_PORT"])))
        taken.listen()
        demo.start()
        assert demo.process.wait(PATIENCE_SECONDS) == 1
    assert re.search(r"Port \d+ is taken.*\n.*GATEWAY_PORT=\d+ make demo", demo.said())
    assert "Traceback" not in demo.said()


def test_the_demo_comes_up_stops_together_and_goes_on_where_it_was(demo: Demo) -> None:
    demo.start()
    eventually(lambda: demo.handlers() > 0, "a workflow is at work", story=demo.said)
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(PATIENCE_SECONDS) == 0
    assert "Everything is kept" in demo.said()
    assert demo.left_behind() == []

    demo.start()
    demo.wait_until_usable()
    assert "Not every example" not in demo.said()
    assert demo.page("/healthz") == 200
    for username in ("requester", "approver", "finance", "auditor", "admin"):
        assert username in demo.said()

    os.kill(demo.pid_of("manage.py runworker"), signal.SIGKILL)
    assert demo.process.wait(PATIENCE_SECONDS) == 1
    assert "worker ended with status -9" in demo.said()
    assert demo.left_behind() == []

    demo.start()
    demo.wait_until_usable()
    assert demo.page("/healthz") == 200
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(PATIENCE_SECONDS) == 0
    assert "Everything is kept" in demo.said()
    assert demo.left_behind() == []

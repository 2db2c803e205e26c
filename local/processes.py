"""Child processes that never outlive their parent, each with its output in a log file."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Self

ROOT = Path(__file__).resolve().parent.parent
# Where demos and their logs live; another place for a demo that must not meet the checkout's own.
STATE = Path(os.environ.get("COUNTERSIGN_STATE") or ROOT / ".local").resolve()


class ChildError(RuntimeError):
    """A child process did not come up, or ended on its own. The message ends with its last log lines."""


class _Reaper:
    """The process that ends our children if we are killed; started with the first child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def watch(self, group: int) -> None:
        self._say(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._say(f"-{group}\n")

    def _say(self, line: str) -> None:
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-S", "-E", str(Path(__file__).with_name("reaper.py"))],
                    stdin=subprocess.PIPE,
                    text=True,
                    start_new_session=True,
                )
            if self._process.stdin is not None:
                # A reaper that somebody ended is no reason to fail: it is a second net.
                with contextlib.suppress(BrokenPipeError):
                    self._process.stdin.write(line)
                    self._process.stdin.flush()


_reaper = _Reaper()


class Child:
    """One child process in a process group of its own; stdout and stderr go to `log` (appended)."""

    def __init__(self, name: str, argv: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path = ROOT) -> None:
        self.name = name
        self.argv = list(argv)
        self.env = dict(env)
        self.log = log
        self.cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def start(self) -> Self:
        """Start the process and return at once."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._log_start = out.tell()
            self._process = self._spawn(out)
        _reaper.watch(self._process.pid)
        return self

    def _spawn(self, out: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.argv,
            cwd=self.cwd,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # the terminal's Ctrl-C reaches us only; we stop children in order
        )

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its process group."""
        if self._process is None:
            raise ChildError(f"{self.name} was not started")
        return self._process.pid

    def ended(self) -> int | None:
        """The exit status if the process has ended on its own, else None."""
        return self._process.poll() if self._process else None

    def wait(self) -> int:
        """The exit status, when the process has ended."""
        if self._process is None:
            raise ChildError(f"{self.name} was not started")
        return self._process.wait()

    def stop(self, grace: float = 10.0) -> None:
        """SIGTERM to the process; after `grace` seconds SIGKILL to its whole group. Safe to call twice."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # also what the process itself left behind
        process.wait()
        _reaper.forget(process.pid)
        self._process = None

    def tail(self, lines: int = 15) -> str:
        """The last lines that this process (not an earlier run) wrote."""
        with contextlib.suppress(FileNotFoundError), self.log.open("rb") as log:
            log.seek(self._log_start)
            text = log.read().decode(errors="replace")
            return "\n".join(text.splitlines()[-lines:])
        return ""

    def wait_for_http(self, url: str, seconds: float = 30.0) -> None:
        """Return when `url` answers 2xx. Raises ChildError if the process ends or `seconds` pass before."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.ended()
            if status is not None:
                raise ChildError(f"{self.name} ended with status {status}. Its log, {self.log}:\n{self.tail()}")
            if _answers(url):
                return
            time.sleep(0.05)
        raise ChildError(f"{self.name} did not answer within {seconds:.0f} s. Its log, {self.log}:\n{self.tail()}")


def run(name: str, argv: Sequence[str], *, env: Mapping[str, str], log: Path, beside: Sequence[Child] = ()) -> None:
    """Run a command to its end. Raises ChildError if it fails, or if a child `beside` it ends meanwhile.

    Whatever interrupts us ends the command and all it started.
    """
    command = Child(name, argv, env=env, log=log).start()
    try:
        while (status := command.ended()) is None:
            still_running(beside)
            time.sleep(0.05)
    finally:
        command.stop(grace=2)
    if status != 0:
        raise ChildError(f"{name} failed with status {status}. Its log, {log}:\n{command.tail()}")


def still_running(children: Sequence[Child]) -> None:
    """Raises ChildError, with its last words, if one of the children has ended."""
    for child in children:
        status = child.ended()
        if status is not None:
            raise ChildError(f"{child.name} ended with status {status}. Its log, {child.log}:\n{child.tail()}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own http URL
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def base_env() -> dict[str, str]:
    """The few variables a child inherits: the caller's AWS configuration never reaches the local cloud."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ}

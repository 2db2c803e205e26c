"""A wire that can be cut: a TCP proxy between the portal and a part of AWS."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

type Mode = Literal["whole", "cut", "deaf"]
CHUNK = 65536


class Proxy:
    """Passes bytes on to `url` while it is whole.

    Cut, it refuses to connect and breaks what is open. Deaf, it passes questions on and breaks off at the first
    answer, so that nobody can tell what was done.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._mode: Mode = "whole"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def become(self, mode: Mode) -> None:
        """Change how it behaves; whatever is open breaks."""
        self._mode = mode
        with self._lock:
            broken, self._open = self._open, set()
        for end in broken:
            _close(end)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._mode == "cut":
                    _close(client)
                    continue
                threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target, timeout=5)
        except OSError:
            _close(client)
            return
        server.settimeout(None)
        with self._lock:
            self._open |= {client, server}
        threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
        self._pass(server, client, answers=True)

    def _pass(self, source: socket.socket, target: socket.socket, *, answers: bool = False) -> None:
        with contextlib.suppress(OSError):
            while (data := source.recv(CHUNK)) and not (answers and self._mode == "deaf"):
                target.sendall(data)
        _close(source)
        _close(target)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _close(self._listener)
        self.become("cut")


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()

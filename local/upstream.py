"""Plain HTTP to the servers behind the gateway."""

import http.client
import json
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

# An answer may take as long as a function may run.
TIMEOUT_SECONDS = 930
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "expect"}


class Reply(NamedTuple):
    """An HTTP answer; header names as the server sent them."""

    status: int
    headers: dict[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header's value, whatever the case of its name."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)

    def json(self) -> object:
        """The body as JSON. Raises ValueError if it is not."""
        return json.loads(self.body)


def json_reply(status: int, body: object, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer of our own."""
    return Reply(status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(body).encode())


def service_error(status: int, code: str, message: str) -> Reply:
    """An error as Lambda words it on the wire."""
    return json_reply(status, {"Type": "User", "Message": message, "message": message}, {"x-amzn-ErrorType": code})


class Upstream:
    """A server at `url` (http://host:port). One connection per request: loopback makes reuse not worth its faults."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = url
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80

    def send(self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        """Forward one request; `target` is path and query. Raises OSError or HTTPException if nobody answers."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            sent = {k: v for k, v in (headers or {}).items() if k.lower() not in _HOP_BY_HOP}
            sent = {k: v for k, v in sent.items() if k.lower() != "content-length"}
            connection.request(method, target, body, sent | {"Content-Length": str(len(body))})
            answer = connection.getresponse()
            kept = {k: v for k, v in answer.getheaders() if k.lower() not in _HOP_BY_HOP}
            kept = {k: v for k, v in kept.items() if k.lower() not in ("content-length", "date", "server")}
            return Reply(answer.status, kept, answer.read())
        finally:
            connection.close()


def segment(text: str) -> str:
    """`text` as one segment of a path."""
    return quote(text, safe="")

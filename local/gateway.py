"""One Lambda endpoint, as AWS has one: MiniStack's functions and the local runner's durable executions.

Invoke of a durable function      a start on the runner, under the service's rule for names
Invoke by the runner itself       MiniStack, which runs the function's code
/2025-12-01/…                     the runner, in the service's ARNs and errors
anything else                     MiniStack
"""

import argparse
import contextlib
import json
import logging
import re
import socket
import sys
import threading
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from local.arns import parse_function
from local.executions import PREFIX, Executions
from local.invocations import DurableConfig, Invocations, InvokeRequest
from local.runs import Runs
from local.status_events import StatusEvents
from local.upstream import Reply, Upstream, json_reply, service_error

log = logging.getLogger("gateway")

HEALTH = "/_gateway/health"
_INVOKE = re.compile(r"/2015-03-31/functions/(?P<function>[^/]+)/invocations")


class Gateway(ThreadingHTTPServer):
    """The server. `durable` maps function names to their DurableConfig; `state` keeps the names."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self, port: int, ministack_url: str, runner_url: str, durable: dict[str, DurableConfig], state: Path
    ) -> None:
        runs = Runs(state)
        runner = Upstream(runner_url)
        self.ministack = Upstream(ministack_url)
        self.events = StatusEvents(ministack_url, runner, runs)
        self.executions = Executions(runner, runs, self.events)
        self.invocations = Invocations(self.ministack, runner, runs, self.events, durable)
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """What AWS_ENDPOINT_URL_LAMBDA takes."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Serve in a thread of this process."""
        self.events.start()
        threading.Thread(target=self.serve_forever, name="gateway", daemon=True).start()

    def stop(self) -> None:
        """End what `start()` began, as the end of a process would: open connections too.

        The runner keeps its own. Served on, they would tell of ends to nobody: the watching is over.
        """
        self.shutdown()
        self.server_close()
        for connection in self._connections.copy():
            with contextlib.suppress(OSError):  # its thread was faster
                connection.shutdown(socket.SHUT_RDWR)
        self.events.stop()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a new connection in a thread of its own."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        """Route one request."""
        path = urlsplit(target).path
        if path == HEALTH:
            return json_reply(200, {"status": "ok", "handlers": self.invocations.under_way})
        if path.startswith(PREFIX):
            return self.executions.answer(method, target, body, headers)
        match = _INVOKE.fullmatch(path)
        if method == "POST" and match:
            return self._invoke(unquote(match["function"]), target, headers, body)
        return self.ministack.send(method, target, body, headers)

    def _invoke(self, function: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        ref = parse_function(function)
        if ref is None:
            return service_error(400, "InvalidParameterValueException", f"{function!r} names no function.")
        qualifier = parse_qs(urlsplit(target).query).get("Qualifier", [None])[0]
        ref = ref._replace(qualifier=ref.qualifier or qualifier)
        lowered = {name.lower(): value for name, value in headers.items()}
        return self.invocations.answer(InvokeRequest(ref, lowered, target, body))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            reply = self.server.answer(self.command, self.path, dict(self.headers.items()), body)
        except (OSError, HTTPException) as error:
            log.warning("%s %s: %s", self.command, self.path, error)
            reply = json_reply(503, {"message": f"A part of the local cloud does not answer: {error}"})
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        # Callback ids are capabilities and travel in paths: only the verb and the status are logged.
        status = args[1] if len(args) > 1 else ""
        path = re.sub(r"(durable-execution-callbacks/)[^/]+", r"\1…", getattr(self, "path", ""))
        log.info("%s %s %s", getattr(self, "command", ""), path, status)


def main() -> None:
    """`python -m local.gateway`: the gateway as a process of its own."""
    parser = argparse.ArgumentParser(description="One Lambda endpoint in front of MiniStack and the local runner.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ministack", required=True, help="URL of MiniStack")
    parser.add_argument("--runner", required=True, help="URL of the local runner")
    parser.add_argument("--durable", required=True, help='JSON: {"function": [execution timeout s, retention days]}')
    parser.add_argument("--state", required=True, type=Path, help="SQLite file that keeps execution names")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    durable = {name: DurableConfig(*values) for name, values in json.loads(args.durable).items()}
    gateway = Gateway(args.port, args.ministack, args.runner, durable, args.state)
    gateway.events.start()
    log.info("listening on %s; durable: %s", gateway.url, ", ".join(sorted(durable)) or "none")
    gateway.serve_forever()


if __name__ == "__main__":
    main()

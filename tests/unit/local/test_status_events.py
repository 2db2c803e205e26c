"""Status events are told however late runner and MiniStack answer, and a stopped gateway serves nobody."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from local import status_events
from local.gateway import HEALTH, Gateway
from local.runs import Run, Runs
from local.status_events import StatusEvents
from local.upstream import Upstream

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f:1/durable-execution/name/7b1c"
EXECUTION = {"DurableExecutionArn": ARN, "DurableExecutionName": "name", "FunctionArn": "f", "StartTimestamp": 1.0}
RULE = {"Name": "status", "State": "ENABLED", "EventPattern": "{}"}
TARGET = {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:status"}


class Cloud(ThreadingHTTPServer):
    """Runner and MiniStack in one. Gives what it has been told to, each answer once, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        self.statuses: list[Any] = ["RUNNING"]
        self.targets: list[list[Any]] = [[TARGET]]
        self.sent: list[str] = []
        super().__init__(("127.0.0.1", 0), _Answers)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def of_runner(self) -> tuple[int, dict[str, Any]]:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return (200, EXECUTION | {"Status": status}) if isinstance(status, str) else (status, {})

    def of_ministack(self, action: str, question: Any) -> dict[str, Any]:
        if action == "SendMessage":
            self.sent.append(json.loads(question["MessageBody"])["detail"]["status"])
        if action == "ListTargetsByRule":
            return {"Targets": self.targets.pop(0) if len(self.targets) > 1 else self.targets[0]}
        answers: dict[str, dict[str, Any]] = {
            "ListRules": {"Rules": [RULE]},
            "GetQueueUrl": {"QueueUrl": f"{self.url}/queue"},
            "TestEventPattern": {"Result": True},
        }
        return answers.get(action, {})


class _Answers(BaseHTTPRequestHandler):
    server: Cloud

    def do_GET(self) -> None:
        self._answer(*self.server.of_runner())

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(200, self.server.of_ministack(self.headers["X-Amz-Target"].split(".")[-1], question))

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing."""


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    server = Cloud()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def events(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StatusEvents]:
    monkeypatch.setattr(status_events, "DELAYS_SECONDS", (0.01, 0.02, 0.03))
    runs = Runs(tmp_path / "runs.sqlite3")
    watching = StatusEvents(cloud.url, Upstream(cloud.url), runs)
    watching.start()
    runs.claim(Run("f", "name", "", "1", "7b1c", ARN, time.time() + 60, "RUNNING"))
    yield watching
    watching.stop()


def ask(connection: http.client.HTTPConnection) -> bytes:
    connection.request("GET", HEALTH)
    return connection.getresponse().read()


def eventually_sent(cloud: Cloud, *wanted: str) -> None:
    deadline = time.monotonic() + 20
    while cloud.sent != list(wanted):
        assert time.monotonic() < deadline, cloud.sent
        time.sleep(0.01)


@pytest.mark.parametrize("first", [[404], [503], [404, 503, 503, 503, 503]])
def test_a_start_is_told_although_the_runner_does_not_know_it_yet(
    cloud: Cloud, events: StatusEvents, first: list[int]
) -> None:
    cloud.statuses = [*first, "RUNNING"]
    events.running(ARN)
    eventually_sent(cloud, "RUNNING")


def test_start_and_end_are_told_of_an_execution_that_ended_before_it_was_looked_at(
    cloud: Cloud, events: StatusEvents
) -> None:
    cloud.statuses = ["SUCCEEDED"]
    events.running(ARN)
    eventually_sent(cloud, "RUNNING")
    events.check(ARN)
    eventually_sent(cloud, "RUNNING", "SUCCEEDED")


def test_an_end_is_told_once_however_often_it_is_asked_for(cloud: Cloud, events: StatusEvents) -> None:
    cloud.statuses = [503, 503, 503, 503, "RUNNING", "FAILED"]
    events.check(ARN)
    events.check(ARN)
    eventually_sent(cloud, "FAILED")
    events.check(ARN)
    events.running(ARN)
    eventually_sent(cloud, "FAILED", "RUNNING")


def test_an_odd_answer_does_not_end_the_watching(cloud: Cloud, events: StatusEvents) -> None:
    cloud.targets = [[{"Id": "odd"}], [TARGET]]
    events.running(ARN)
    eventually_sent(cloud, "RUNNING")


def test_a_rule_whose_target_came_later_is_read_again(cloud: Cloud, events: StatusEvents) -> None:
    cloud.targets, cloud.statuses = [[], [TARGET]], ["STOPPED"]
    events.running(ARN)
    events.check(ARN)
    eventually_sent(cloud, "STOPPED")


def test_a_stopped_gateway_serves_no_open_connection(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9"
    gateway = Gateway(0, nobody, nobody, {}, tmp_path / "runs.sqlite3")
    gateway.start()
    connection = http.client.HTTPConnection("127.0.0.1", gateway.server_address[1], timeout=10)
    assert ask(connection) == b'{"status": "ok", "handlers": 0}'
    gateway.stop()
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        ask(connection)
    connection.close()

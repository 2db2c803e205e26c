"""The service's "Durable Execution Status Change" events, which the local runner does not send.

The runner is asked for an execution's status whenever something suggests that it changed (a handler returned, a
stop, the deadline). EventBridge refuses events of source aws.* from anybody but AWS, and so does MiniStack;
therefore the rules of the default bus are read and matched here, and their SQS targets are served.
"""

import heapq
import json
import logging
import threading
import time
import uuid
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.arns import execution_id, service_arn
from local.ministack import ACCOUNT, CREDENTIALS, REGION
from local.runs import Runs
from local.upstream import Upstream, segment

log = logging.getLogger(__name__)

RUNNING = "RUNNING"
# A handler's last answer is recorded a moment after it passes here: ask again, ever less eagerly. While runner or
# MiniStack do not answer, the last delay is repeated: EventBridge does not give up within a day either.
DELAYS_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)
_RULES_LIFE_SECONDS = 30.0
_SQS = "arn:aws:sqs:"


class _Check(NamedTuple):
    """A question to the runner: has it started (then RUNNING is to be told), or has it ended?"""

    due: float
    runner_arn: str
    attempt: int = 0
    has_started: bool = False


_END = _Check(0.0, "")


class _Rule(NamedTuple):
    pattern: str
    queue_urls: list[str]


class StatusEvents:
    """Watches executions and sends their status changes. `start()` runs it in a thread."""

    def __init__(self, ministack_url: str, runner: Upstream, runs: Runs) -> None:
        self._runner = runner
        self._runs = runs
        self._queue: list[_Check] = []
        self._wake = threading.Condition()
        session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        self._events = session.client("events", endpoint_url=ministack_url)
        self._sqs = session.client("sqs", endpoint_url=ministack_url)
        self._rules: tuple[float, list[_Rule]] = (0.0, [])

    def start(self) -> None:
        """Begin watching; runs that were open when the gateway last ended are asked for at once."""
        for run in self._runs.still_open():
            if run.runner_arn:
                self.check(run.runner_arn)
                self.check_at(run.runner_arn, run.deadline + 1)
        threading.Thread(target=self._watch, name="status-events", daemon=True).start()

    def stop(self) -> None:
        """End the watching."""
        self._push(_END)

    def check(self, runner_arn: str) -> None:
        """Ask soon whether this execution has ended."""
        self._push(_Check(time.time() + DELAYS_SECONDS[0], runner_arn))

    def check_at(self, runner_arn: str, when: float) -> None:
        """Ask at Unix time `when` whether this execution has ended."""
        self._push(_Check(when, runner_arn))

    def running(self, runner_arn: str) -> None:
        """Ask soon for an execution that has just started, and send its first event."""
        self._push(_Check(time.time(), runner_arn, has_started=True))

    def _push(self, check: _Check) -> None:
        with self._wake:
            heapq.heappush(self._queue, check)
            self._wake.notify()

    def _next(self) -> _Check:
        with self._wake:
            while not self._queue or self._queue[0].due > time.time():
                timeout = self._queue[0].due - time.time() if self._queue else None
                self._wake.wait(min(timeout, 3600) if timeout is not None else None)
            return heapq.heappop(self._queue)

    def _watch(self) -> None:
        while True:
            check = self._next()
            if check is _END:
                return
            self._push_again(check, self._try(check))

    def _try(self, check: _Check) -> bool | None:
        """Whether nothing more is to be asked; None if runner or MiniStack did not answer."""
        try:
            return self._look(check)
        except (OSError, HTTPException, BotoCoreError, ClientError, ValueError) as error:
            log.warning("status of %s: %s", check.runner_arn, error)
            return None
        except Exception:
            # The boundary of the thread: one odd answer must not silence all other executions.
            log.exception("status of %s", check.runner_arn)
            return False

    def _push_again(self, check: _Check, settled: bool | None) -> None:
        attempt, last = check.attempt + 1, len(DELAYS_SECONDS) - 1
        if settled or (settled is False and attempt > last):
            return
        attempt = min(attempt, last)
        self._push(check._replace(due=time.time() + DELAYS_SECONDS[attempt], attempt=attempt))

    def _look(self, check: _Check) -> bool:
        """Send what changed. True when nothing more is to be asked."""
        reply = self._runner.send("GET", f"/2025-12-01/durable-executions/{segment(check.runner_arn)}")
        if reply.status == 404:  # noqa: PLR2004
            # A new execution shows in a moment; with any other, the runner's store was removed.
            return not check.has_started
        execution = reply.json()
        if reply.status != 200 or not isinstance(execution, dict):  # noqa: PLR2004
            raise HTTPException(f"the runner answered with status {reply.status}")
        status = execution["Status"]
        if check.has_started:
            self._send(execution, RUNNING)
        elif status != RUNNING:
            self._close(check.runner_arn, execution)
        return check.has_started or bool(status != RUNNING)

    def _close(self, runner_arn: str, execution: dict[str, Any]) -> None:
        run_id, status = execution_id(runner_arn), execution["Status"]
        if self._runs.is_open(run_id):
            # Told before it is closed: what fails here is told again, as EventBridge tells at least once.
            self._send(execution, status)
            self._runs.close(run_id, status)

    def _send(self, execution: dict[str, Any], status: str) -> None:
        event = status_event(execution, status)
        body = json.dumps(event)
        for rule in self._current_rules():
            answer = self._events.test_event_pattern(EventPattern=rule.pattern, Event=body)
            for queue_url in rule.queue_urls if answer["Result"] else ():
                self._sqs.send_message(QueueUrl=queue_url, MessageBody=body)

    def _current_rules(self) -> list[_Rule]:
        """The default bus's enabled rules with SQS targets, read anew when old or when one had no target yet."""
        read_at, rules = self._rules
        if not rules or not all(rule.queue_urls for rule in rules) or time.monotonic() - read_at > _RULES_LIFE_SECONDS:
            found = self._events.list_rules()["Rules"]
            rules = [
                _Rule(rule["EventPattern"], self._queue_urls(rule["Name"]))
                for rule in found
                if rule.get("EventPattern") and rule.get("State") == "ENABLED"
            ]
            self._rules = (time.monotonic(), rules)
        return rules

    def _queue_urls(self, rule_name: str) -> list[str]:
        targets = self._events.list_targets_by_rule(Rule=rule_name)["Targets"]
        queues = [target["Arn"].split(":")[-1] for target in targets if target["Arn"].startswith(_SQS)]
        return [self._sqs.get_queue_url(QueueName=queue)["QueueUrl"] for queue in queues]


def status_event(execution: dict[str, Any], status: str) -> dict[str, Any]:
    """EventBridge's event for an execution as GetDurableExecution of the runner describes it."""
    name, function = execution["DurableExecutionName"], execution["FunctionArn"]
    started = datetime.fromtimestamp(float(execution["StartTimestamp"]), UTC)
    ended = execution.get("EndTimestamp") if status != RUNNING else None
    changed = datetime.fromtimestamp(float(ended), UTC) if ended else started
    detail = {
        "durableExecutionArn": service_arn(function, name, execution_id(execution["DurableExecutionArn"])),
        "durableExecutionName": name,
        "functionArn": function,
        "status": status,
        "startTimestamp": _iso(started),
    }
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Durable Execution Status Change",
        "source": "aws.lambda",
        "account": ACCOUNT,
        "time": _iso(changed),
        "region": REGION,
        "resources": [detail["durableExecutionArn"]],
        "detail": detail | ({"endTimestamp": _iso(changed)} if ended else {}),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Workflows on AWS's durable test runner: start, answer, and see what came of it."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from aws_durable_execution_sdk_python.execution import InvocationStatus
from aws_durable_execution_sdk_python.lambda_service import ErrorObject
from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestResult, DurableFunctionTestRunner

from tests.waiting import PATIENCE_SECONDS, eventually
from tests.workflows.cloud import Cloud, Item

type Handler = Callable[[Any, Any], Any]

ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionStopped")


class Stage:
    """One workflow on one runner."""

    def __init__(self, runner: DurableFunctionTestRunner, cloud: Cloud) -> None:
        self.runner = runner
        self.cloud = cloud
        self.arn = ""
        self._ended: DurableFunctionTestResult | None = None

    def start(self, payload: object) -> "Stage":
        """Start a run of it."""
        self.arn = self.runner.run_async(input=json.dumps(payload), execution_timeout=int(PATIENCE_SECONDS))
        return self

    @property
    def run_name(self) -> str:
        """The run's name, by the rule for this runner."""
        return self.arn.split("/", maxsplit=1)[0]

    def waiting(self, stage: str = "manager") -> Item:
        """The pending, notified request of a stage, as soon as the execution is suspended on it."""
        wanted = f"{self.run_name}.{stage}"

        def there() -> Item | None:
            for item in self.cloud.requests():
                if item["approval_id"] == wanted and item["status"] == "pending" and "notified_at" in item:
                    return item
            assert self.runner.get_execution_history(self.arn).events[-1].event_type not in ENDS, "the run has ended"
            return None

        return eventually(there)

    def suspended(self, times: int) -> None:
        """Wait until the handler has returned so many times: what follows is a replay."""
        eventually(lambda: True if self.invocations() >= times else None)

    def answer(self, item: Item, decision: str = "approved", **fields: Any) -> dict[str, Any]:
        """Answer by callback alone, as if the item had never been written."""
        payload = verdict(decision, **fields)
        self.send(item, json.dumps(payload))
        return payload

    def send(self, item: Item, payload: str | None) -> None:
        """Complete the callback with any payload."""
        self.runner.send_callback_success(item["callback_id"], None if payload is None else payload.encode())

    def decide(self, item: Item, decision: str = "approved", **fields: Any) -> dict[str, Any]:
        """Decide as the portal does: into the item, then wake the workflow."""
        payload = verdict(decision, **fields)
        self.cloud.amend(item["approval_id"], decision=payload)
        self.send(item, json.dumps(payload))
        return payload

    def decide_with(self, item: Item, response: Mapping[str, Any], **fields: Any) -> None:
        """Approve with a structured answer, as the portal does."""
        payload = verdict(**fields) | {"response": dict(response)}
        self.cloud.amend(item["approval_id"], decision=payload)
        self.send(item, json.dumps(payload, default=float))

    def withdraw(self, item: Item, decision: str = "withdrawn", *, recorded: bool = True) -> None:
        """Withdraw as the portal does: into the item, then fail the callback."""
        payload = verdict(decision, decided_by=item["requester"])
        if recorded:
            self.cloud.amend(item["approval_id"], decision=payload)
        error = ErrorObject(message=decision, type=decision.capitalize(), data=json.dumps(payload), stack_trace=None)
        self.runner.send_callback_failure(item["callback_id"], error)

    def end(self) -> DurableFunctionTestResult:
        """Wait for the end of the execution; the runner lets one wait for it once only."""
        if self._ended is None:
            self._ended = self.runner.wait_for_result(self.arn, timeout=PATIENCE_SECONDS)
        return self._ended

    def result(self) -> dict[str, Any]:
        """The result of an execution that succeeded."""
        ended = self.end()
        assert ended.status is InvocationStatus.SUCCEEDED, ended.error
        loaded: dict[str, Any] = json.loads(ended.result or "null")
        return loaded

    def failure(self) -> ErrorObject:
        """The error of an execution that failed."""
        ended = self.end()
        assert ended.status is InvocationStatus.FAILED, ended.result
        assert ended.error is not None
        return ended.error

    def invocations(self) -> int:
        """How often Lambda has called the handler so far."""
        events = self.runner.get_execution_history(self.arn).events
        return sum(event.event_type == "InvocationCompleted" for event in events)


@contextmanager
def on_stage(handler: Handler, cloud: Cloud) -> Iterator[Stage]:
    """A runner for one workflow; retries and waits take no time, callback timeouts do."""
    with DurableFunctionTestRunner(handler, poll_interval=0.02) as runner:
        yield Stage(runner, cloud)


def verdict(decision: str = "approved", **fields: Any) -> dict[str, Any]:
    """An answer as the portal sends it."""
    return {
        "decision_id": uuid.uuid4().hex,
        "decision": decision,
        "comments": "Looks right",
        "decided_by": "approver",
        "decided_at": datetime.now(UTC).isoformat(),
    } | fields


def actions(item: Mapping[str, Any]) -> list[str]:
    """What the item's history says happened, in order."""
    return [event["action"] for event in item["events"]]


def operations_named(stage: Stage) -> set[str]:
    """The names in the execution's history."""
    return {event.name for event in stage.runner.get_execution_history(stage.arn).events if event.name}

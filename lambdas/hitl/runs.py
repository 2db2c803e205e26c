"""The record of a run: where it stands, what happened, how it ended. Written in steps, so a replay writes nothing."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from aws_durable_execution_sdk_python import DurableContext, StepContext

from hitl.clock import stamp
from hitl.identity import numbered, occurrence, run_name_of
from hitl.retries import RECORDING, NotOursError
from hitl.store import Amendment, Item, runs
from hitl.telemetry import traced
from hitl.verdict import Outcome, Verdict

type Level = Literal["info", "warning", "error"]
type Ending = Literal["succeeded", "denied", "failed", "timed_out", "cancelled"]

ENDINGS = ("succeeded", "denied", "failed", "timed_out", "cancelled")
MESSAGE_LENGTH = 500
RESULT_BYTES = 50_000
_ENDING_OF: Mapping[Outcome, Ending] = {
    Outcome.REJECTED: "denied",
    Outcome.TIMEOUT: "timed_out",
    Outcome.CANCELLED: "cancelled",
}


class RunFailed(Exception):  # noqa: N818 - it reads as what it says
    """The run cannot go on; the message is the reason that people see. Lambda marks the execution FAILED."""


class Run:
    """One run's record. Every method is one step with one conditional write, on this run's item only.

    Attributes:
        name: the run name, key of the item.
        workflow: `expense`, `document`, …
        requester: portal username of who asked, "" if unknown.
    """

    def __init__(self, context: DurableContext, workflow: str) -> None:
        self._context = context
        self.arn = context.execution_context.durable_execution_arn
        self.name = run_name_of(self.arn)
        self.workflow = workflow
        self.requester = ""

    def open(self, *, title: str, requester: str, recorded: Mapping[str, Any]) -> None:
        """Write the run's item as `running`.

        Args:
            title: one line for lists.
            requester: portal username.
            recorded: the input as people may see it, redacted by the workflow.

        Raises:
            StepError: the name belongs to another execution, or the table did not answer for hours.
        """
        self.requester = requester
        item = self._first_item(title, requester) | {
            "status": "running",
            "current_step": "started",
            "input": plain(recorded),
        }
        self._create("run opened", item, _line("started", "Started.", "info"))

    def refuse(self, *, title: str, requester: str, reason: str) -> None:
        """Write the run's item as `failed` at once, because its input was refused.

        Raises:
            StepError: as `open`.
        """
        item = self._first_item(title, requester) | {
            "status": "failed",
            "current_step": "input",
            "input": {},
            "error": {"type": "InvalidInput", "message": reason[:MESSAGE_LENGTH]},
        }
        self._create("run refused", item, _line("input", reason, "error"))

    def progress(
        self, step: str, message: str, *, level: Level = "info", context: DurableContext | None = None
    ) -> None:
        """Add one line to the run's progress and make `step` its current step.

        Args:
            step: short name of where the run is.
            message: one sentence for people, cut at 500 characters.
            level: how it should look.
            context: the branch's own context inside `parallel` or `map`.
        """
        self._write(context or self._context, step, message, level, {"status": "running"})

    def waiting(self, context: DurableContext, step: str, message: str) -> None:
        """As `progress`, and the run waits for people."""
        self._write(context, step, message, "info", {"status": "waiting"})

    def record_once(self, name: str, value: Mapping[str, Any], message: str) -> dict[str, Any]:
        """Write a fact into the run that can be written only once, such as a payment, with its progress line.

        Args:
            name: attribute of the item.
            value: plain values and Decimals.
            message: one sentence for people.

        Returns:
            The fact as it stands in the item, be it from this call or from one before.

        Raises:
            StepError: the table did not answer for hours.
        """

        def change(item: Item) -> Amendment | None:
            if name in item:
                return None
            values = {name: plain(value), "current_step": name}
            return Amendment(values=values, entries=(_line(name, message, "info"),), only_without=(name,))

        return self._step(self._context, f"record {name}", lambda: plain(self._amend(change)[name]))

    def succeed(self, result: Mapping[str, Any], message: str = "Finished.") -> dict[str, Any]:
        """End the run as `succeeded` and give back its result, plain JSON for Lambda."""
        return self._end("succeeded", result, message)

    def deny(self, result: Mapping[str, Any], message: str) -> dict[str, Any]:
        """End the run as `denied` where a rule said no, not a person; `message` is the reason for people."""
        return self._end("denied", {"reason": message, **result}, message)

    def stop(self, verdict: Verdict, result: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """End the run on a verdict that is not a yes: `denied`, `timed_out` or `cancelled`.

        Args:
            verdict: what came of asking.
            result: what the workflow adds to the run's result.

        Returns:
            The run's result, plain JSON.

        Raises:
            RunFailed: the verdict is an error; nobody decided, so the run fails visibly.
            ValueError: the verdict is a yes.
        """
        if verdict.outcome is Outcome.ERROR:
            raise RunFailed(verdict.reason)
        if verdict.approved:
            raise ValueError("an approved request is no reason to stop")
        ending = _ENDING_OF[verdict.outcome]
        said = {
            "approval_id": verdict.approval_id,
            "decision": verdict.decision,
            "reason": verdict.reason,
            "decided_by": verdict.decided_by,
        }
        return self._end(ending, {**said, **(result or {})}, told(verdict))

    def fail(self, error: Exception) -> None:
        """End the run as `failed` with the reason. The caller raises the error on, for Lambda to see."""
        values = {"error": {"type": type(error).__name__, "message": str(error)[:MESSAGE_LENGTH]}}
        self._close("failed", values, str(error), "error")

    def _end(self, ending: Ending, result: Mapping[str, Any], message: str) -> dict[str, Any]:
        outcome: dict[str, Any] = json_ready({"run_name": self.name, "status": ending, **result})
        if len(json.dumps(outcome).encode()) > RESULT_BYTES:
            raise RunFailed(f"The result is over {RESULT_BYTES} bytes; store it and return a reference.")
        self._close(ending, {"result": outcome}, message, "info" if ending == "succeeded" else "warning")
        return outcome

    def _close(self, ending: Ending, values: Item, message: str, level: Level) -> None:
        def change(item: Item) -> Amendment | None:
            if item["status"] in ENDINGS:
                return None
            return Amendment(
                values={**values, "status": ending, "current_step": ending},
                entries=(_line(ending, message, level),),
            )

        self._step(self._context, f"run {ending}", lambda: self._amend(change) and None)

    def _write(self, context: DurableContext, step: str, message: str, level: Level, values: Mapping[str, str]) -> None:
        key = numbered(step, occurrence(context, f"progress {step}"))

        def change(item: Item) -> Amendment | None:
            if item["status"] in ENDINGS or any(line.get("key") == key for line in item["progress"]):
                return None
            line = {**_line(step, message, level), "key": key}
            return Amendment(values={**values, "current_step": step}, entries=(line,))

        self._step(context, f"progress {key}", lambda: self._amend(change) and None)

    def _first_item(self, title: str, requester: str) -> Item:
        return {
            "run_name": self.name,
            "run_arn": self.arn,
            "workflow": self.workflow,
            "requester": requester,
            "title": title,
        }

    def _create(self, name: str, item: Item, line: Mapping[str, Any]) -> None:
        def create() -> None:
            if runs().put_new(item, line):
                return
            self._check_ours(runs().get(self.name))

        self._step(self._context, name, create)

    def _amend(self, change: Callable[[Item], Amendment | None]) -> Item:
        def ours(item: Item) -> Amendment | None:
            self._check_ours(item)
            return change(item)

        return runs().amend(self.name, ours)

    def _check_ours(self, item: Item | None) -> None:
        if item is None or item["run_arn"] != self.arn:
            raise NotOursError(f"The run name {self.name} belongs to another execution")

    def _step[T](self, context: DurableContext, name: str, body: Callable[[], T]) -> T:
        def traced_body(_: StepContext) -> T:
            with traced(name, run_name=self.name):
                return body()

        return context.step(traced_body, name=name, config=RECORDING)


def told(verdict: Verdict) -> str:
    """The verdict in one sentence for the run's progress."""
    by = f" by {verdict.decided_by}" if verdict.decided_by else ""
    what = (verdict.decision or verdict.outcome.value).replace("_", " ").capitalize()
    return f"{what}{by}: {verdict.reason}" if verdict.reason else f"{what}{by}."


def plain(value: Any) -> Any:
    """A value as an item holds it: dates as ISO text, tuples and sets as lists, Decimals kept.

    Raises:
        TypeError: a float (write a Decimal or text), or a type without a plain form.
    """
    return _converted(value, keep=Decimal)


def json_ready(value: Any) -> Any:
    """A value as plain JSON holds it: as `plain`, and Decimals as text ("120.50"), whole ones from a table as int."""
    return _converted(value, keep=())


def _converted(value: Any, keep: type | tuple[()]) -> Any:
    if value is None or isinstance(value, (bool, int)) or (keep and isinstance(value, keep)):
        return value
    if isinstance(value, (str, Decimal)):
        return str(value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _converted(inner, keep) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_converted(inner, keep) for inner in value]
    raise TypeError(f"{type(value).__name__} has no plain form here; use text, int, Decimal, date, list or map")


def _line(step: str, message: str, level: Level) -> Mapping[str, Any]:
    return {"step": step, "message": message[:MESSAGE_LENGTH], "level": level}

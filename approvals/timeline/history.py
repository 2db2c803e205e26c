"""Events of an execution's history into operations, generically: a new kind of event becomes a plain operation.

Sources: the Lambda API's model of GetDurableExecutionHistory, and what AWS's local runner gives. Both send an
operation's start and end as two events of one id; a step that is tried again starts again; a replay shows only as an
InvocationCompleted.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from approvals.timeline.redact import Redactor, plain
from approvals.timeline.story import Attempt, Kind, Operation, State, Story

LONGEST_NAME = 120
LONGEST_ERROR = 400
LONGEST_RESULT = 500
MOST_ATTEMPTS = 40
_EVENT = re.compile(
    r"(?P<what>Execution|Context|Wait|Step|ChainedInvoke|Callback|Invocation|[A-Z][A-Za-z]*?)"
    r"(?P<how>Started|Succeeded|Failed|TimedOut|Stopped|Cancelled|Completed|Paused|Resumed)"
)
_KINDS = {
    "Step": Kind.STEP,
    "Wait": Kind.WAIT,
    "Callback": Kind.CALLBACK,
    "Context": Kind.CONTEXT,
    "ChainedInvoke": Kind.INVOKE,
}
_ENDS = {
    "Succeeded": State.DONE,
    "Completed": State.DONE,
    "Failed": State.FAILED,
    "TimedOut": State.TIMED_OUT,
    "Stopped": State.STOPPED,
    "Cancelled": State.CANCELLED,
}
_OUTCOME = re.compile(r"[a-z][a-z_]{1,30}")


class History:
    """Takes events page by page, in their order; ``story`` has what they come to. Only redacted text is kept."""

    def __init__(self) -> None:
        self.story = Story()
        self._redactor = Redactor()
        self._places: dict[str, int] = {}
        self._last: datetime | None = None
        self._woke: datetime | None = None

    def add(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Take the next events."""
        for event in events:
            self._learn(event)
            self._one(event)

    def _learn(self, event: Mapping[str, Any]) -> None:
        for details in event.values():
            if isinstance(details, Mapping) and details.get("CallbackId"):
                self._redactor.learn(details["CallbackId"])

    def _one(self, event: Mapping[str, Any]) -> None:
        found = _EVENT.fullmatch(str(event.get("EventType", "")))
        what, how = (found["what"], found["how"]) if found else (str(event.get("EventType", "")), "Started")
        at = moment(event.get("EventTimestamp")) or self._last or datetime.now(UTC)
        details = _details(event)
        if what == "Invocation":
            self._invocation(at, details)
        elif what == "Execution":
            self._execution(how, at, details)
        elif event.get("Id"):
            self._operation(event, _KINDS.get(what, Kind.OTHER), how, at, details)
        self._last = at
        if what != "Invocation" and self._woke is None and how != "Paused":
            self._woke = at

    def _execution(self, how: str, at: datetime, details: Mapping[str, Any]) -> None:
        story = self.story
        story.started = story.started or at
        if how in ("Paused", "Resumed"):
            story.is_paused = how == "Paused"
        elif how in _ENDS:
            story.state, story.ended, story.is_paused = _ENDS[how], at, False
            story.error = self._error(details)[0]
            for operation in story.operations:
                if operation.state is State.OPEN:
                    operation.state, operation.ended, operation.due = State.CANCELLED, at, None

    def _invocation(self, at: datetime, details: Mapping[str, Any]) -> None:
        # The local runner leaves the start out; then it is the first event since the invocation before.
        started = moment(details.get("StartTimestamp")) or self._woke or at
        ended = moment(details.get("EndTimestamp")) or at
        self.story.invocations.append(Attempt(min(started, ended), ended, self._error(details)[0]))
        self._woke = None

    def _operation(
        self, event: Mapping[str, Any], kind: Kind, how: str, at: datetime, details: Mapping[str, Any]
    ) -> None:
        key = str(event["Id"])
        if key not in self._places:
            self._places[key] = len(self.story.operations)
            name = self._redactor.text(event.get("Name") or "", LONGEST_NAME)
            sub = self._redactor.text(event.get("SubType") or "", LONGEST_NAME)
            parent = self._places.get(str(event.get("ParentId") or ""))
            self.story.operations.append(Operation(kind, at, sub, name, parent))
        operation = self.story.operations[self._places[key]]
        if how == "Started":
            self._started(operation, at, details)
        else:
            self._ended(operation, _ENDS.get(how, State.OPEN), at, details)

    def _started(self, operation: Operation, at: datetime, details: Mapping[str, Any]) -> None:
        if operation.kind is Kind.STEP and len(operation.attempts) < MOST_ATTEMPTS:
            operation.attempts.append(Attempt(at))
        operation.state, operation.ended = State.OPEN, None
        if details.get("FunctionName"):
            operation.target = self._redactor.text(function_name(str(details["FunctionName"])), LONGEST_NAME)
        seconds = details.get("Timeout") or details.get("Duration")
        due = moment(details.get("ScheduledEndTimestamp"))
        operation.due = due or (at + timedelta(seconds=int(seconds)) if seconds else None)

    def _ended(self, operation: Operation, state: State, at: datetime, details: Mapping[str, Any]) -> None:
        error, operation.error_type = self._error(details)
        pause = _whole((details.get("RetryDetails") or {}).get("NextAttemptDelaySeconds"))
        is_tried_again = state is State.FAILED and operation.kind is Kind.STEP and bool(pause)
        if operation.attempts:
            last = operation.attempts[-1]
            last.ended, last.error, last.pause = at, error, pause if is_tried_again else None
        operation.error = error
        if is_tried_again:
            operation.due = at + timedelta(seconds=pause or 0)
            return
        operation.state, operation.ended, operation.due = state, at, None
        payload = (details.get("Result") or {}).get("Payload")
        if payload:
            operation.result = self._redactor.payload(payload, LONGEST_RESULT)
            operation.outcome = outcome_of(payload) if operation.kind is Kind.INVOKE else ""

    def _error(self, details: Mapping[str, Any]) -> tuple[str, str]:
        """The error in one line, and its type by its last name."""
        told = (details.get("Error") or {}).get("Payload") or {}
        message = self._redactor.text(told.get("ErrorMessage") or "", LONGEST_ERROR)
        kind = self._redactor.text(str(told.get("ErrorType") or "").rpartition(".")[2], LONGEST_NAME)
        return message or kind, kind


def story_of(events: Iterable[Mapping[str, Any]]) -> Story:
    """Return what all events of a history come to."""
    history = History()
    history.add(events)
    return history.story


def outcome_of(payload: object) -> str:
    """Return the short word that a function's answer has under "outcome", or nothing."""
    try:
        told = plain(json.loads(str(payload)))
    except (ValueError, RecursionError):
        return ""
    word = told.get("outcome") if isinstance(told, dict) else ""
    return word if isinstance(word, str) and _OUTCOME.fullmatch(word) else ""


def moment(value: Any) -> datetime | None:
    """Return an aware time given as one, as text or as seconds since 1970; None for anything else."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = datetime.fromtimestamp(value, UTC)
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def function_name(function: str) -> str:
    """Return a function's name without account, region and alias."""
    return function.partition(":function:")[2].partition(":")[0] or function.partition(":")[0]


def _details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((value for key, value in event.items() if key.endswith("Details") and isinstance(value, Mapping)), {})


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

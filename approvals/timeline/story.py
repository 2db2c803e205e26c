"""An execution as the portal keeps it: typed values, and the JSON that is stored."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

FORMAT = 1


class Kind(StrEnum):
    """What an operation is (Lambda API, EventType of GetDurableExecutionHistory)."""

    STEP = "step"
    WAIT = "wait"
    CALLBACK = "callback"
    CONTEXT = "context"
    INVOKE = "invoke"
    OTHER = "other"


class State(StrEnum):
    """How an operation, or the whole execution, stands."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


@dataclass
class Attempt:
    """One try of a step, or one invocation of the function."""

    started: datetime
    ended: datetime | None = None
    error: str = ""
    # Seconds until the next try, as the workflow's retry strategy asked for.
    pause: int | None = None


@dataclass
class Operation:
    """One operation. ``parent`` is its context's place in the list; None at the top."""

    kind: Kind
    started: datetime
    sub: str = ""
    name: str = ""
    parent: int | None = None
    ended: datetime | None = None
    state: State = State.OPEN
    attempts: list[Attempt] = field(default_factory=list)
    result: str = ""
    # What an invoked function said of its own outcome, such as "reserved", where it is one short word.
    outcome: str = ""
    error: str = ""
    error_type: str = ""
    # The function that was invoked.
    target: str = ""
    # When a wait or callback ends by itself.
    due: datetime | None = None

    def until(self, now: datetime) -> datetime:
        """When it ended; now while it is open."""
        return max(self.started, self.ended or now)

    def length(self, now: datetime) -> timedelta:
        """How long it took, or has taken so far."""
        return self.until(now) - self.started

    @property
    def tries(self) -> int:
        """How many times it was begun."""
        return max(1, len(self.attempts))


@dataclass
class Story:
    """One execution. ``invocations`` are the times that the function ran: the first, then its replays."""

    operations: list[Operation] = field(default_factory=list)
    started: datetime | None = None
    ended: datetime | None = None
    state: State = State.OPEN
    error: str = ""
    invocations: list[Attempt] = field(default_factory=list)
    is_paused: bool = False
    # More events than are read in one go.
    is_cut: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether the execution's own end is in it."""
        return self.state is not State.OPEN

    @property
    def replays(self) -> int:
        """How often the function was run again after the first time."""
        return max(0, len(self.invocations) - 1)


def to_json(story: Story) -> dict[str, Any]:
    """Return what is stored: JSON values, times as ISO text in UTC, nothing that is empty."""
    told = _values(story)
    told["format"] = FORMAT
    told["operations"] = [_values(one) for one in story.operations]
    return told


def from_json(stored: dict[str, Any]) -> Story:
    """Read back what ``to_json`` made."""
    story = Story(**_read({key: value for key, value in stored.items() if key not in {"format", "operations"}}))
    story.operations = [Operation(**_read(one)) for one in stored.get("operations", [])]
    return story


def _values(one: Story | Operation | Attempt) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for key, value in vars(one).items():
        if key == "operations" or value is False or value in (None, "", []):
            continue
        if isinstance(value, datetime):
            told[key] = value.astimezone(UTC).isoformat(timespec="milliseconds")
        elif isinstance(value, list):
            told[key] = [_values(inner) for inner in value]
        else:
            told[key] = str(value) if isinstance(value, StrEnum) else value
    return told


_READERS: dict[str, Any] = {
    "started": datetime.fromisoformat,
    "ended": datetime.fromisoformat,
    "due": datetime.fromisoformat,
    "kind": Kind,
    "state": State,
    "attempts": lambda found: [Attempt(**_read(one)) for one in found],
    "invocations": lambda found: [Attempt(**_read(one)) for one in found],
}


def _read(stored: dict[str, Any]) -> dict[str, Any]:
    return {key: _READERS[key](value) if key in _READERS else value for key, value in stored.items()}

"""Histories as AWS's local runner gave them (`histories/`), and such as the service may give."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from approvals.timeline.history import moment, story_of
from approvals.timeline.story import Operation, Story

type Event = dict[str, Any]
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def events_of(name: str) -> list[Event]:
    """The events of a recorded run, with times as boto3 gives them."""
    found: list[Event] = json.loads((Path(__file__).parent / "histories" / f"{name}.json").read_text())
    return [event | {"EventTimestamp": moment(event["EventTimestamp"])} for event in found]


def recorded(name: str) -> Story:
    """What a recorded run comes to."""
    return story_of(events_of(name))


def event(kind: str, second: float, key: str = "", name: str = "", parent: str = "", **details: Any) -> Event:
    """One event, so many seconds after the start."""
    told: Event = {"EventType": kind, "EventTimestamp": START + timedelta(seconds=second), "EventId": 1}
    told |= {field: value for field, value in (("Id", key), ("Name", name), ("ParentId", parent)) if value}
    sub = kind.removesuffix("Started").removesuffix("Succeeded").removesuffix("Failed")
    return told | ({"SubType": sub} if key else {}) | {f"{kind}Details": details}


def result(payload: Any) -> dict[str, Any]:
    """A result as an event carries it."""
    return {"Payload": payload if isinstance(payload, str) else json.dumps(payload), "Truncated": False}


def error(message: str, kind: str = "builtins.ValueError") -> dict[str, Any]:
    """An error as an event carries it."""
    return {"Payload": {"ErrorMessage": message, "ErrorType": kind}, "Truncated": False}


def many_steps(count: int, parent: str = "", first: float = 1) -> list[Event]:
    """So many finished steps, a second each."""
    told = []
    for number in range(count):
        step = {"key": f"{parent}s{number}", "name": f"step {number}", "parent": parent}
        told += [
            event("StepStarted", first + number, **step),
            event("StepSucceeded", first + number + 1, **step, Result=result(number)),
        ]
    return told


def named(story: Story, name: str) -> Operation:
    """The operation of this name; there must be one."""
    [found] = [one for one in story.operations if one.name == name]
    return found


def names(operations: Sequence[Operation]) -> list[str]:
    """What they are called."""
    return [one.name for one in operations]

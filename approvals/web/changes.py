"""What changed between two versions of a request's content, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from approvals.web.formats import exact, words

LABELS = {"expires_at": "Deadline", "response_schema": "Form of the answer", "approval_id": "Request"}


@dataclass(frozen=True)
class Change:
    """One field that differs; an empty text means that it was not there."""

    field: str
    before: str
    after: str


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return the fields that differ, in the order in which the page shows them."""
    return [
        Change(" › ".join(path), readable(path, old), readable(path, new))
        for path, old, new in _walk((), before, after)
    ]


def _walk(path: tuple[str, ...], old: Any, new: Any) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if old == new:
        return
    pairs = _members(old, new)
    if pairs is None:
        yield path, old, new
        return
    for label, left, right in pairs:
        yield from _walk((*path, label), left, right)


def _members(old: Any, new: Any) -> list[tuple[str, Any, Any]] | None:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = dict.fromkeys([*old, *new])
        return [(LABELS.get(key) or words(str(key)), old.get(key), new.get(key)) for key in keys]
    if isinstance(old, list) and isinstance(new, list):
        longest = max(len(old), len(new))
        return [
            (
                f"no. {number + 1}",
                old[number] if number < len(old) else None,
                new[number] if number < len(new) else None,
            )
            for number in range(longest)
        ]
    return None


def readable(path: tuple[str, ...], value: Any) -> str:
    """Return a value as text for a before-and-after line."""
    if value is None:
        return ""
    if path[-1:] == ("Deadline",) and isinstance(value, str):
        return exact(datetime.fromisoformat(value))
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or "none"
    return orjson.dumps(value, default=str).decode()

"""What changed between two versions of a request's content, field by field."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.web.details import number_of
from approvals.web.formats import exact, money, words

LABELS = {"expires_at": "Deadline", "response_schema": "Form of the answer", "approval_id": "Request"}

PLAIN = {"null": "empty", '""': "empty", "[]": "none", "true": "Yes", "false": "No"}


class Absent:
    """Stands for a value that is not there, which is not the same as an empty one."""


ABSENT = Absent()


@dataclass(frozen=True)
class Change:
    """One field that differs; an empty text means that it was not there."""

    field: str
    before: str
    after: str


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return the fields that differ, in the order in which the page shows them."""
    found = _walk((), with_money(before), with_money(after))
    return [Change(" / ".join(path), readable(path, old), readable(path, new)) for path, old, new in found]


def with_money(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content with its amount as people read it."""
    amount = number_of(content.get("amount"))
    if amount is None:
        return dict(content)
    return {**content, "amount": money(amount, str(content.get("currency") or ""))}


def _walk(path: tuple[str, ...], old: Any, new: Any) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    # Compared as JSON: to Python 1, 1.0 and True are equal, to a reader they are not.
    if as_json(old) == as_json(new):
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
        return [(LABELS.get(key) or words(str(key)), old.get(key, ABSENT), new.get(key, ABSENT)) for key in keys]
    if isinstance(old, list) and isinstance(new, list):
        return [
            (f"no. {number + 1}", item_of(old, number), item_of(new, number))
            for number in range(max(len(old), len(new)))
        ]
    return None


def item_of(items: list[Any], number: int) -> Any:
    """Return the item, or that it is absent."""
    return items[number] if number < len(items) else ABSENT


def readable(path: tuple[str, ...], value: Any) -> str:
    """Return a value as text for a before-and-after line."""
    if value is ABSENT:
        return ""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if path == ("Deadline",) and isinstance(value, str):
        return exact(datetime.fromisoformat(value))
    if isinstance(value, str) and value:
        return value
    return PLAIN.get(as_json(value)) or as_json(value)


def as_json(value: Any) -> str:
    """Return a value as JSON with sorted keys; what is absent equals nothing but itself."""
    return "absent" if value is ABSENT else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)

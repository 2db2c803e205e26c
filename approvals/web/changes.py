"""What changed between two versions of a request's content, field by field."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.web.details import number_of
from approvals.web.formats import exact, money, words

LABELS = {
    "expires_at": gettext_lazy("Deadline"),
    "response_schema": gettext_lazy("Form of the answer"),
    "approval_id": gettext_lazy("Request"),
}

PLAIN = {
    "null": gettext_lazy("empty"),
    '""': gettext_lazy("empty"),
    "[]": gettext_lazy("none"),
    "true": gettext_lazy("Yes"),
    "false": gettext_lazy("No"),
}


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
    found = _walk((), (), with_money(before), with_money(after))
    return [Change(" / ".join(labels), readable(path, old), readable(path, new)) for path, labels, old, new in found]


def with_money(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content with its amount as people read it."""
    amount = number_of(content.get("amount"))
    if amount is None:
        return dict(content)
    return {**content, "amount": money(amount, str(content.get("currency") or ""))}


type Path = tuple[str, ...]


def _walk(path: Path, labels: Path, old: Any, new: Any) -> Iterator[tuple[Path, Path, Any, Any]]:
    # Compared as JSON: to Python 1, 1.0 and True are equal, to a reader they are not.
    if as_json(old) == as_json(new):
        return
    pairs = _members(old, new)
    if pairs is None:
        yield path, labels, old, new
        return
    for key, label, left, right in pairs:
        yield from _walk((*path, key), (*labels, label), left, right)


def _members(old: Any, new: Any) -> list[tuple[str, str, Any, Any]] | None:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = dict.fromkeys([*old, *new])
        return [(str(key), _label(str(key)), old.get(key, ABSENT), new.get(key, ABSENT)) for key in keys]
    if isinstance(old, list) and isinstance(new, list):
        return [
            (str(number), _("no. {number}").format(number=number + 1), item_of(old, number), item_of(new, number))
            for number in range(max(len(old), len(new)))
        ]
    return None


def _label(key: str) -> str:
    return str(LABELS[key]) if key in LABELS else words(key)


def item_of(items: list[Any], number: int) -> Any:
    """Return the item, or that it is absent."""
    return items[number] if number < len(items) else ABSENT


def readable(path: Path, value: Any) -> str:
    """Return a value as text for a before-and-after line."""
    if value is ABSENT:
        return ""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if path == ("expires_at",) and isinstance(value, str):
        return exact(datetime.fromisoformat(value))
    if isinstance(value, str) and value:
        return value
    plain = PLAIN.get(as_json(value))
    return as_json(value) if plain is None else str(plain)


def as_json(value: Any) -> str:
    """Return a value as JSON with sorted keys; what is absent equals nothing but itself."""
    return "absent" if value is ABSENT else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)

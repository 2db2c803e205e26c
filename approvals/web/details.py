"""Any request's details as a small tree that one template can draw: facts, tables, lists, files, values."""

import json
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from approvals.web.formats import spaced, words
from approvals.web.keys import VALUES

DEEPEST = 6
AMOUNT_KEYS = ("amount", "offer up to", "total", "price", "cost", "limit", "income", "sum", "fee", "subtotal")
CURRENCY = re.compile(r"[A-Z]{3}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})")
ROOMY = frozenset({"facts", "table"})
# Fields whose values are keys of a fixed list, and what such a key looks like.
KEYED = ("category", "kind", "service", "type", "priority", "severity", "status", "grade", "if nobody answers")
KEY = re.compile(r"[a-z][a-z0-9]{0,30}([_-][a-z0-9]{1,30}){0,4}")
NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,6})?")


@dataclass(frozen=True)
class File:
    """A file that an item names. ``is_stored`` says whether the portal holds it and can send it."""

    id: str
    name: str
    content_type: str
    size: int | None
    is_stored: bool = False

    @property
    def is_image(self) -> bool:
        """Whether a browser can show it as a picture."""
        return self.content_type in {"image/jpeg", "image/png", "image/webp", "image/gif"}


@dataclass(frozen=True)
class Node:
    """One value. ``kind`` says how to draw it and what ``value`` is.

    facts: Facts · table: Grid · items: nodes · files: File values ·
    money: Decimal (``note`` is the currency) · moment: datetime · day: date · text, number, empty, yes, no.
    """

    kind: str
    value: Any = None
    note: str = ""


@dataclass(frozen=True)
class Grid:
    """A list of like maps as a table; ``ends`` marks the columns of numbers."""

    columns: list[str]
    ends: list[bool]
    rows: list[list[Node]]

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """The columns, each with whether it holds numbers."""
        return list(zip(self.columns, self.ends, strict=True))

    @property
    def lines(self) -> list[list[tuple[Node, bool, str]]]:
        """The rows; each cell with whether it stands in a column of numbers, and the column's name."""
        return [list(zip(row, self.ends, self.columns, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Facts:
    """A map: short values as pairs of label and node, and what needs room of its own below a heading."""

    pairs: list[tuple[str, Node]]
    blocks: list[tuple[str, Node]]


class Outline:
    """Builds the tree of one request: knows its files and its currency."""

    def __init__(self, currency: str, files: Sequence[File]) -> None:
        self.currency = currency
        self.files = {file.id: file for file in files}

    def of(self, value: Any, key: str = "", currency: str = "", depth: int = 0) -> Node:
        """Return the node for a JSON value that stands under ``key``."""
        if depth > DEEPEST:
            return Node("text", json.dumps(value, ensure_ascii=False, default=str))
        if isinstance(value, Mapping):
            return self._map(value, currency, depth)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return self._list(list(value), key, currency, depth)
        return self._scalar(value, key, currency or self.currency)

    def _map(self, value: Mapping[str, Any], currency: str, depth: int) -> Node:
        own = value.get("currency")
        currency = own if isinstance(own, str) and CURRENCY.fullmatch(own) else currency
        drawn = [(words(str(key)), self.of(item, key, currency, depth + 1)) for key, item in value.items()]
        return Node(
            "facts",
            Facts(
                pairs=[(label, node) for label, node in drawn if node.kind not in ROOMY],
                blocks=[(label, node) for label, node in drawn if node.kind in ROOMY],
            ),
        )

    def _list(self, value: list[Any], key: str, currency: str, depth: int) -> Node:
        if not value:
            return Node("empty")
        if files := self._named_files(value):
            return Node("files", files)
        if all(isinstance(item, Mapping) for item in value):
            return Node("table", self._grid(value, currency, depth))
        return Node("items", [self.of(item, key, currency, depth + 1) for item in value])

    def _named_files(self, value: list[Any]) -> list[File] | None:
        ids = [str(item.get("id")) if isinstance(item, Mapping) else str(item) for item in value]
        return [self.files[one] for one in ids] if all(one in self.files for one in ids) else None

    def _grid(self, rows: list[Mapping[str, Any]], currency: str, depth: int) -> Grid:
        # Columns in the order in which they first appear; a row without one leaves its cell empty.
        keys = list(dict.fromkeys(key for row in rows for key in row))
        cells = [
            [
                self.of(row[key], key, row_currency(row, currency), depth + 1) if key in row else Node("empty")
                for key in keys
            ]
            for row in rows
        ]
        ends = [
            all(row[number].kind in {"money", "number", "empty"} for row in cells)
            and any(row[number].kind in {"money", "number"} for row in cells)
            for number in range(len(keys))
        ]
        return Grid([words(str(key)) for key in keys], ends, cells)

    def _scalar(self, value: Any, key: str, currency: str) -> Node:
        if value is None or value == "":
            return Node("empty")
        if isinstance(value, bool):
            return Node("yes" if value else "no")
        if currency and is_amount(key) and (amount := number_of(value)) is not None:
            return Node("money", amount, currency)
        if isinstance(value, int | float | Decimal):
            return Node("number", value)
        if is_key(key, value):
            return Node("text", str(VALUES.get((key, value)) or words(value)))
        return as_text(str(value))


def row_currency(row: Mapping[str, Any], currency: str) -> str:
    """Return the currency that a row names itself, else the one around it."""
    own = row.get("currency")
    return own if isinstance(own, str) and CURRENCY.fullmatch(own) else currency


def is_amount(key: str) -> bool:
    """Whether a key names money: ``amount``, ``hotel_price``, ``loanAmount``."""
    return spaced(key).lower().endswith(AMOUNT_KEYS)


def is_key(key: str, value: Any) -> bool:
    """Whether a value is a word of a fixed list, such as the category ``travel``, which people read as words."""
    return isinstance(value, str) and spaced(key).lower().endswith(KEYED) and KEY.fullmatch(value) is not None


def number_of(value: Any) -> Decimal | None:
    """Return a plain number given as number or text, exactly."""
    if isinstance(value, bool) or not NUMBER.fullmatch(str(value)):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def as_text(value: str) -> Node:
    """Return the node for a text; dates and moments are recognised."""
    try:
        if DAY.fullmatch(value):
            return Node("day", date.fromisoformat(value))
        if MOMENT.fullmatch(value):
            return Node("moment", datetime.fromisoformat(value))
    except ValueError:
        pass  # looks like a date and is none: show what it says
    return Node("text", value)


def files_of(attachments: Sequence[Any], stored: Container[str] = ()) -> list[File]:
    """Return the attachments that an item names, leaving out what is not one. ``stored`` holds the ids known here."""
    found = []
    for one in attachments:
        if isinstance(one, Mapping) and isinstance(one.get("id"), str):
            size = number_of(one.get("size"))
            name, kind = str(one.get("name") or words("Unnamed file")), str(one.get("content_type") or "")
            found.append(File(one["id"], name, kind, None if size is None else int(size), one["id"] in stored))
    return found

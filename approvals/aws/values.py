"""DynamoDB's attribute values to plain ones and back.

Whole numbers that every JSON reader takes exactly stay numbers; all other numbers become their text, so that no digit
is lost on the way through a JSON column. Binary becomes base64 text, sets become lists.
"""

import base64
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

from boto3.dynamodb.types import TypeSerializer

# An attribute as it travels, e.g. {"S": "pending"}; an item as it travels.
type Wire = dict[str, Any]
type WireItem = dict[str, Any]

# Beyond 2**53 JSON numbers are not exact everywhere.
LONGEST_NUMBER = 15
_serializer = TypeSerializer()


def plain(value: Wire) -> Any:
    """Return the plain value of one attribute. Raises ValueError, TypeError or AttributeError for what is none.

    One function without helpers for the common kinds, because the mirror spends half its time here.
    """
    [(kind, inner)] = value.items()
    if kind == "S":
        return inner
    if kind == "M":
        return {name: one["S"] if "S" in one else plain(one) for name, one in inner.items()}
    if kind == "L":
        return [one["S"] if "S" in one else plain(one) for one in inner]
    if kind == "N":
        return number(inner)
    read = _READERS.get(kind)
    if read is None:
        raise ValueError(f"not an attribute value: {sorted(value)}")
    return read(inner)


def number(text: str) -> int | str:
    """Return a whole number of up to 15 digits as int, any other number as the text that it came as."""
    if len(text) <= LONGEST_NUMBER and (text.isdecimal() or (text[:1] == "-" and text[1:].isdecimal())):
        return int(text)
    return text


def wire(value: Any) -> Wire:
    """Return a plain value as it travels. Floats are refused (TypeError): money is never one."""
    return cast("Wire", _serializer.serialize(value))


def exact(value: Any) -> Any:
    """Return a value from ``json.loads`` with its floats as the decimal that was written."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {key: exact(inner) for key, inner in value.items()}
    return [exact(inner) for inner in value] if isinstance(value, list) else value


def _flag(inner: bool) -> bool:
    return inner


def _binary(inner: bytes) -> str:
    return base64.b64encode(inner).decode()


_READERS: dict[str, Callable[[Any], Any]] = {
    "BOOL": _flag,
    "NULL": lambda _: None,
    "B": _binary,
    "SS": list,
    "NS": lambda inner: [number(one) for one in inner],
    "BS": lambda inner: [_binary(one) for one in inner],
}

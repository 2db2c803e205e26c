"""Items of the tables as the bytes in which DynamoDB sent them: read late, or only in part, by whoever takes them.

A page of items read whole is tens of thousands of small dicts; making them costs more than all the mirror does with
them. ``msgspec`` finds where each item begins and ends, and reads its head, without making anything else.
"""

import base64
import json
from functools import cache
from typing import Any

import msgspec
import orjson
from msgspec import Raw

from approvals.aws.values import WireItem

# One item's JSON. A view into the answer that it came in.
type RawItem = Raw


def read_item(raw: "RawItem | bytes") -> WireItem:
    """Return the item with its attributes as they travel, exactly as botocore would give it."""
    body = bytes(raw)
    try:
        item: WireItem = orjson.loads(body)
    except orjson.JSONDecodeError:
        # Half a character, which the standard library lets pass; such an item is refused later, with its reason.
        item = json.loads(body)
    if b'"B"' in body or b'"BS"' in body:
        decode_binary(item)
    return item


def raw_item(item: WireItem) -> RawItem:
    """Return an item that botocore has read as the bytes that it was."""
    return Raw(json.dumps(item, default=lambda binary: base64.b64encode(binary).decode()).encode())


def decode_binary(value: Any) -> None:
    """Turn base64 into bytes, in place, wherever an attribute value is binary."""
    if isinstance(value, list):
        for inner in value:
            decode_binary(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name == "B" and isinstance(inner, str):
                value[name] = base64.b64decode(inner)
            elif name == "BS" and isinstance(inner, list):
                value[name] = [base64.b64decode(one) for one in inner]
            else:
                decode_binary(inner)


def head(raw: RawItem, key: str) -> tuple[str, int]:
    """Return an item's key and version, without reading the rest of it."""
    try:
        found = _head_decoder(key).decode(raw)
        return found.key.S, int(found.version.N)
    except ValueError:  # msgspec's errors are of this kind too
        item = read_item(raw)
        return item[key]["S"], version_of(item)


def version_of(item: WireItem) -> int:
    """Return an item's version, or 0 where it has none: such an item is read, and refused with its reason."""
    try:
        return int(item["version"]["N"])
    except (KeyError, TypeError, ValueError):
        return 0


class Text(msgspec.Struct, gc=False):
    """An attribute that is a text."""

    S: str


class Number(msgspec.Struct, gc=False):
    """An attribute that is a number, which travels as text."""

    N: str


@cache
def _head_decoder(key: str) -> msgspec.json.Decoder[Any]:
    named = msgspec.defstruct("Head", [("key", Text), ("version", Number)], rename={"key": key}, gc=False)
    return msgspec.json.Decoder(named)

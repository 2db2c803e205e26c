"""The row of a request whose item is just as the contract says, straight from its JSON.

``approvals.mirror.rows`` decides what is a row and what is refused. Here the same comes out in half the time, or
nothing: whatever is unusual (sets and binary, NUL characters, an attribute of another kind) is left to it. A property
test holds the two to each other.
"""

from functools import lru_cache
from typing import Annotated, Any

import msgspec
import orjson
from msgspec import Meta, Raw, Struct

from approvals.aws.items import Number, RawItem, Text
from approvals.aws.values import number
from approvals.mirror.notices import NEWEST, Unreadable
from approvals.mirror.rows import (
    ANY_LENGTH,
    LONGEST_NAME,
    REQUEST_STATES,
    Row,
    exact_amount,
    json_of,
    moment,
    options_of,
    schema_of,
    stored,
    terms,
)  # fmt: skip
from approvals.models.content import digest_of

# Policies, choices and forms come again and again: one for each workflow and requester.
KEPT = 2_000


class Limited[Str](Struct, gc=False, frozen=True):
    """A text of limited length."""

    S: Str


type Key = Limited[Annotated[str, Meta(min_length=1, max_length=255)]]
type Name = Limited[Annotated[str, Meta(min_length=1, max_length=64)]]
type Word = Limited[Annotated[str, Meta(min_length=1, max_length=40)]]
type Kind = Limited[Annotated[str, Meta(max_length=20)]]
type Person = Limited[Annotated[str, Meta(max_length=LONGEST_NAME)]]
type Currency = Limited[Annotated[str, Meta(max_length=3)]]
type Long = Limited[Annotated[str, Meta(max_length=ANY_LENGTH)]]


class Value(Struct, gc=False, forbid_unknown_fields=True):
    """An attribute value of a common kind; DynamoDB gives each exactly one."""

    S: str | None = None
    N: str | None = None
    M: "dict[str, Value] | None" = None
    L: "list[Value] | None" = None
    BOOL: bool | None = None
    NULL: bool | None = None


class Map(Struct, gc=False, frozen=True):
    """An attribute that is a map."""

    M: dict[str, Value]


class Listed(Struct, gc=False, frozen=True):
    """An attribute that is a list."""

    L: list[Value]


NOTHING: Any = Limited("")
EMPTY_MAP, EMPTY_LIST = Map({}), Listed([])
ABSENT = Raw(b'{"NULL":true}')


class Request(Struct, gc=False):
    """A request's item."""

    approval_id: Key
    run_name: Name
    workflow: Word
    stage: Word
    status: Text
    version: Number
    created_at: Text
    updated_at: Text
    expires_at: Text
    settled_at: Text | None = None
    run_arn: Long = NOTHING
    kind: Kind = NOTHING
    title: Long = NOTHING
    summary: Long = NOTHING
    requester: Person = NOTHING
    amount: Number | None = None
    currency: Currency = NOTHING
    details: Map = EMPTY_MAP
    attachments: Listed = EMPTY_LIST
    events: Listed = EMPTY_LIST
    decision: Map | None = None
    policy: Raw = ABSENT
    options: Raw = ABSENT
    response_schema: Raw = ABSENT


_read = msgspec.json.Decoder(Request).decode


def quick_request_row(raw: RawItem) -> Row | None:
    """Return the row, or None where ``rows.request_row`` has to look."""
    body = bytes(raw)
    # Most items hold no backslash, which is found out five times as fast.
    if b"\\" in body and b"\\u0000" in body:
        return None
    try:
        return _row(_read(body))
    except (ValueError, TypeError, OverflowError):  # msgspec's errors and Unreadable are of these kinds
        return None


def _row(item: Request) -> Row:
    key, status, version = item.approval_id.S, item.status.S, int(item.version.N)
    if status not in REQUEST_STATES or not 1 <= version <= NEWEST:
        raise Unreadable("status or version")
    kind, title, summary = item.kind.S or "approval", item.title.S, item.summary.S
    requester, currency = item.requester.S, item.currency.S
    amount = None if item.amount is None else exact_amount(item.amount.N)
    details, attachments = _map(item.details.M), _list(item.attachments.L)
    policy, policy_text, audience, excluded = _policy(bytes(item.policy))
    options, options_text = _options(bytes(item.options))
    schema, schema_text = _schema(bytes(item.response_schema))
    expires = _stored(item.expires_at.S)
    digest = digest_of(
        {
            "approval_id": key, "kind": kind, "title": title, "summary": summary, "requester": requester,
            "amount": amount, "currency": currency, "details": details, "attachments": attachments, "policy": policy,
            "options": options, "response_schema": schema, "expires_at": f"{expires[:10]}T{expires[11:]}+00:00",
        }
    )  # fmt: skip
    columns = (
        key, item.run_name.S, item.run_arn.S, item.workflow.S, item.stage.S, kind, title, summary, requester, amount,
        currency, _text(details), _text(attachments), policy_text, options_text, schema_text, excluded, status,
        None if item.decision is None else _text(_map(item.decision.M)), _text(_list(item.events.L)), digest,
        _stored(item.created_at.S), _stored(item.updated_at.S), expires,
        None if item.settled_at is None else _stored(item.settled_at.S), version,
    )  # fmt: skip
    return Row(key, version, status, columns, audience)


def _plain(value: Value) -> Any:
    """Return the plain value, as ``approvals.aws.values.plain``."""
    if value.M is not None:
        return _map(value.M)
    if value.N is not None:
        return number(value.N)
    if value.L is not None:
        return _list(value.L)
    if value.BOOL is None and value.NULL is None and value.S is None:
        raise ValueError("a value of no kind")
    return value.S if value.S is not None else value.BOOL


def _map(values: dict[str, Value]) -> dict[str, Any]:
    return {name: text if (text := one.S) is not None else _plain(one) for name, one in values.items()}


def _list(values: list[Value]) -> list[Any]:
    return [text if (text := one.S) is not None else _plain(one) for one in values]


def _stored(text: str) -> str:
    found = moment(text)
    # As workflows write it (2026-11-21T08:00:00.123456Z), its text needs no second making: of all shapes that a time
    # may have, only this one has these signs at these places. Whole seconds are stored without a fraction.
    usual = text[26:] == "Z" and text[7] == "-" and text[10] == "T" and text[19] == "."
    if usual and found.microsecond:
        return f"{text[:10]} {text[11:26]}"
    return stored(found)


def _text(found: Any) -> str:
    return orjson.dumps(found).decode()


@lru_cache(KEPT)
def _policy(raw: bytes) -> tuple[dict[str, Any], str, str, str]:
    policy, text = json_of({"policy": orjson.loads(raw)}, "policy", dict)
    return policy, text, *terms(policy)


@lru_cache(KEPT)
def _options(raw: bytes) -> tuple[list[str], str]:
    return options_of({"options": orjson.loads(raw)})


@lru_cache(KEPT)
def _schema(raw: bytes) -> tuple[Any, str | None]:
    return schema_of({"response_schema": orjson.loads(raw)})

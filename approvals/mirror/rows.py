"""Items as they travel, to rows as both databases take them.

What is a row and what is refused is decided here; ``approvals.mirror.quick`` does the same for the common item, faster.
"""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from msgspec import Struct

from approvals.aws.items import version_of
from approvals.aws.values import WireItem, plain
from approvals.mirror.notices import NEWEST, Unreadable
from approvals.models.content import digest_of
from approvals.models.mirror import RequestStatus, RunStatus

REQUEST_COLUMNS = (
    "approval_id", "run_name", "run_arn", "workflow", "stage", "kind", "title", "summary", "requester", "amount",
    "currency", "details", "attachments", "policy", "options", "response_schema", "excluded", "status", "decision",
    "events", "content_digest", "created_at", "updated_at", "expires_at", "settled_at", "version", "audience_id",
)  # fmt: skip
RUN_COLUMNS = (
    "run_name", "run_arn", "workflow", "requester", "title", "input", "status", "current_step", "progress", "result",
    "error", "created_at", "updated_at", "version",
)  # fmt: skip
ANY_LENGTH = 400_000
MONEY_DIGITS, MONEY_PLACES = 24, 4
CENT_OF_CENT = Decimal("0.0001")
LONGEST_NAME = 150
NO_BREAKS = str.maketrans("", "", "\r\n|")
DEFAULT_OPTIONS = ["approved", "rejected"]
REQUEST_STATES = frozenset(RequestStatus.values)
RUN_STATES = frozenset(RunStatus.values)


class Row(Struct, frozen=True, gc=False):
    """One row to be: its place, what observers ask of it, and its columns.

    ``audience`` is the set of principals, to be exchanged for its id, which is the last column of a request.
    """

    key: str
    version: int
    status: str
    columns: tuple[Any, ...]
    audience: str | None = None


class Known(NamedTuple):
    """What the mirror had of an item."""

    version: int
    status: str


def request_row(item: WireItem) -> Row:
    """Return the row of a request. Raises Unreadable."""
    key = _needed(item, "approval_id", 255)
    title, summary = _text(item, "title"), _text(item, "summary")
    requester, currency = _text(item, "requester", LONGEST_NAME), _text(item, "currency", 3)
    kind = _text(item, "kind", 20) or "approval"
    amount = _amount(item)
    details, details_text = json_of(item, "details", dict)
    attachments, attachments_text = json_of(item, "attachments", list)
    policy, policy_text = json_of(item, "policy", dict)
    options, options_text = options_of(item)
    schema, schema_text = schema_of(item)
    _, decision_text = _optional_map(item, "decision")
    _, events_text = json_of(item, "events", list)
    audience, excluded = terms(policy)
    expires = _moment(item, "expires_at")
    status, version = _state(item, REQUEST_STATES), _version(item)
    # The values and shapes of approvals.models.content.plain, spared its way through a model.
    digest = digest_of(
        {
            "approval_id": key, "kind": kind, "title": title, "summary": summary, "requester": requester,
            "amount": amount, "currency": currency, "details": details, "attachments": attachments, "policy": policy,
            "options": options, "response_schema": schema, "expires_at": expires.isoformat(),
        }
    )  # fmt: skip
    columns = (
        key, _needed(item, "run_name", 64), _text(item, "run_arn"), _needed(item, "workflow", 40),
        _needed(item, "stage", 40), kind, title, summary, requester, amount, currency, details_text, attachments_text,
        policy_text, options_text, schema_text, excluded, status, decision_text, events_text, digest,
        stored(_moment(item, "created_at")), stored(_moment(item, "updated_at")), stored(expires),
        stored(_moment(item, "settled_at")) if "settled_at" in item else None, version,
    )  # fmt: skip
    return Row(key, version, status, columns, audience)


def run_row(item: WireItem) -> Row:
    """Return the row of a run. Raises Unreadable."""
    key = _needed(item, "run_name", 64)
    _, input_text = json_of(item, "input", dict)
    _, progress_text = json_of(item, "progress", list)
    _, result_text = _optional_map(item, "result")
    _, error_text = _optional_map(item, "error")
    status, version = _state(item, RUN_STATES), _version(item)
    columns = (
        key, _text(item, "run_arn"), _needed(item, "workflow", 40), _text(item, "requester", LONGEST_NAME),
        _text(item, "title"), input_text, status, _text(item, "current_step", 100), progress_text, result_text,
        error_text, stored(_moment(item, "created_at")), stored(_moment(item, "updated_at")), version,
    )  # fmt: skip
    return Row(key, version, status, columns)


def _text(item: WireItem, name: str, longest: int = ANY_LENGTH) -> str:
    try:
        text = item[name]["S"]
    except KeyError:
        return _no_text(item, name)
    if type(text) is not str:
        raise Unreadable(f"{name} must be a text.")
    if not text.isascii():
        _check_encodable(name, text)
    if "\0" in text:
        text = text.replace("\0", "")
    if len(text) > longest:
        raise Unreadable(f"{name} is longer than {longest} characters.")
    return text


def _no_text(item: WireItem, name: str) -> str:
    if name in item and "NULL" not in item[name]:
        raise Unreadable(f"{name} must be a text.")
    return ""


def _check_encodable(name: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unreadable(f"{name} holds half a character.") from None


def _needed(item: WireItem, name: str, longest: int) -> str:
    text = _text(item, name, longest)
    if not text:
        raise Unreadable(f"{name} is missing.")
    return text


def _state(item: WireItem, known: frozenset[str]) -> str:
    status = _text(item, "status")
    if status not in known:
        raise Unreadable(f"status {status[:40]!r} is not one of {', '.join(sorted(known))}.")
    return status


def _version(item: WireItem) -> int:
    version = version_of(item)
    if not 1 <= version <= NEWEST:
        raise Unreadable("version must be a whole number from 1 on.")
    return version


def _moment(item: WireItem, name: str) -> datetime:
    try:
        return moment(item[name]["S"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Unreadable(f"{name} must be a time with its zone, as ISO 8601.") from None


def moment(text: str) -> datetime:
    """Return the time in UTC. Raises ValueError or OverflowError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is UTC:
        return found
    if found.tzinfo is None:
        raise ValueError("no zone")
    return found.astimezone(UTC)


def stored(at: datetime) -> str:
    """Return the time as text."""
    # As Django writes times to SQLite, so that comparing texts compares times; PostgreSQL's session is in UTC.
    return str(at)[:-6]


def _amount(item: WireItem) -> str | None:
    value = item.get("amount")
    if value is None or "NULL" in value:
        return None
    try:
        text = value["N"]
    except (KeyError, TypeError):
        raise Unreadable("amount must be a number.") from None
    return exact_amount(text)


def exact_amount(text: str) -> str:
    """Return a number as money is stored. Raises Unreadable."""
    try:
        amount = Decimal(text)
        exact = amount.quantize(CENT_OF_CENT)
    except (TypeError, ValueError, InvalidOperation):
        raise Unreadable("amount must be a number.") from None
    # Rounding would show another sum than the workflow pays.
    if exact != amount or exact.adjusted() >= MONEY_DIGITS - MONEY_PLACES:
        raise Unreadable(f"amount must have at most {MONEY_PLACES} decimals and {MONEY_DIGITS} digits.")
    return f"{exact:f}"


def json_of(item: WireItem, name: str, shape: type) -> tuple[Any, str]:
    """Return a map or list, empty where absent, and its JSON text. Raises Unreadable."""
    value = item.get(name)
    if value is None or "NULL" in value:
        return ({}, "{}") if shape is dict else ([], "[]")
    found = _plain(name, value)
    if not isinstance(found, shape):
        raise Unreadable(f"{name} must be a {'map' if shape is dict else 'list'}.")
    return dumped(name, found)


def _optional_map(item: WireItem, name: str) -> tuple[Any, str | None]:
    value = item.get(name)
    if value is None or "NULL" in value:
        return None, None
    return json_of(item, name, dict)


def schema_of(item: WireItem) -> tuple[Any, str | None]:
    """Return the form of the answer, which producers write as a map or as JSON text. Raises Unreadable."""
    if "S" not in (item.get("response_schema") or {}):
        return _optional_map(item, "response_schema")
    try:
        found = orjson.loads(_text(item, "response_schema"))
    except orjson.JSONDecodeError:
        raise Unreadable("response_schema is no JSON.") from None
    if not isinstance(found, dict):
        raise Unreadable("response_schema must be a map.")
    return dumped("response_schema", found)


def _plain(name: str, value: Any) -> Any:
    try:
        return plain(value)
    except (AttributeError, TypeError, ValueError):
        raise Unreadable(f"{name} is no attribute value.") from None


def dumped(name: str, found: Any) -> tuple[Any, str]:
    """Return the value without NUL characters, and its JSON text. Raises Unreadable."""
    try:
        raw = orjson.dumps(found)
    except TypeError:
        raise Unreadable(f"{name} holds half a character or is nested too deep.") from None
    if b"\\u0000" in raw:
        # PostgreSQL stores no NUL.
        found = _without_nul(found)
        raw = orjson.dumps(found)
    return found, raw.decode()


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(inner) for key, inner in value.items()}
    return [_without_nul(inner) for inner in value] if isinstance(value, list) else value


def options_of(item: WireItem) -> tuple[list[str], str]:
    """Return the answers to choose from, and their JSON text. Raises Unreadable."""
    options, text = json_of(item, "options", list)
    if not options:
        return DEFAULT_OPTIONS, '["approved","rejected"]'
    _check_names("options", options)
    return options, text


def terms(policy: dict[str, Any]) -> tuple[str, str]:
    """Return who may answer (principals, sorted, one per line) and who may not (``|name|name|``)."""
    groups, users, exclude = policy.get("groups") or [], policy.get("users") or [], policy.get("exclude") or []
    for name, listed in (("policy.groups", groups), ("policy.users", users), ("policy.exclude", exclude)):
        _check_names(name, listed)
    required = policy.get("required", 1)
    if type(required) is not int or required < 1:
        raise Unreadable("policy.required must be a whole number from 1 on.")
    principals = {f"group:{name}" for name in groups} | {f"user:{name}" for name in users}
    return "\n".join(sorted(principals)), "|" + "".join(f"{name}|" for name in exclude)


def _check_names(what: str, listed: Any) -> None:
    if not isinstance(listed, list):
        raise Unreadable(f"{what} must be a list.")
    for name in listed:
        if type(name) is not str or not _is_name(name):
            raise Unreadable(f"{what} must hold names.")


@lru_cache(100_000)
def _is_name(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and name.translate(NO_BREAKS) == name

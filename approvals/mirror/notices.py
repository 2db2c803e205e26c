"""What the change queue carries, read strictly: notices of changed items, and status changes of executions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from approvals.aws.functions import Execution

TABLES = frozenset({"ApprovalRequests", "WorkflowRuns"})
STATUS_CHANGE = "Durable Execution Status Change"
MOST_CHANGES = 1000
LONGEST_KEY = 255
NEWEST = 2**63 - 1
_RUN_OF_ARN = re.compile(r"/durable-execution/(?P<name>[^/]+)/[^/]+$")


class Unreadable(ValueError):  # noqa: N818 (said of the notice or item)
    """It is not what the contract says; the text says where, for people."""


@dataclass(frozen=True, slots=True)
class Change:
    """An item changed; it has at least this version now."""

    table: str
    key: str
    version: int


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An execution reached a status at a time (aware UTC)."""

    run_name: str
    run_arn: str
    status: Execution
    at: datetime


def read(body: str) -> list[Change] | StatusChange:
    """Return what a message says (design.md §5). Raises Unreadable."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable("The message is not JSON.") from None
    if isinstance(told, dict) and "changes" in told:
        return _changes(told["changes"])
    if isinstance(told, dict) and told.get("detail-type") == STATUS_CHANGE and told.get("source") == "aws.lambda":
        return _status_change(told)
    raise Unreadable("The message is neither a change notice nor a status change of an execution.")


def _changes(listed: Any) -> list[Change]:
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_CHANGES:
        raise Unreadable(f"changes must be a list of 1 to {MOST_CHANGES}.")
    return [_change(number, one) for number, one in enumerate(listed)]


def _change(number: int, one: Any) -> Change:
    if not isinstance(one, dict) or one.get("table") not in TABLES:
        raise Unreadable(f"changes[{number}] names no table of ours.")
    key, version = one.get("key"), one.get("version")
    if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_KEY:
        raise Unreadable(f"changes[{number}].key must be a text of 1 to {LONGEST_KEY} characters.")
    if type(version) is not int or not 1 <= version <= NEWEST:
        raise Unreadable(f"changes[{number}].version must be a whole number from 1 on.")
    return Change(one["table"], key, version)


def _status_change(event: Mapping[str, Any]) -> StatusChange:
    detail = event.get("detail")
    if not isinstance(detail, dict):
        raise Unreadable("The status change has no detail.")
    arn = detail.get("durableExecutionArn")
    named = _RUN_OF_ARN.search(arn) if isinstance(arn, str) else None
    if named is None:
        raise Unreadable("durableExecutionArn is not the ARN of an execution.")
    try:
        status = Execution(str(detail.get("status")))
        at = datetime.fromisoformat(detail.get("endTimestamp") or event["time"])
    except (KeyError, TypeError, ValueError):
        raise Unreadable("The status change has no known status or no time.") from None
    if at.tzinfo is None:
        raise Unreadable("The time of the status change has no zone.")
    return StatusChange(named["name"], str(arn), status, at.astimezone(UTC))

"""The two tables: consistent reads by key, parallel scans, and amendments under compare-and-set."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from django.conf import settings
from django.utils import timezone

from approvals.aws.clients import dynamodb, raw_dynamodb
from approvals.aws.faults import ConditionFailed, Retryable, ask
from approvals.aws.items import RawItem, head
from approvals.aws.secret import CallbackId
from approvals.aws.values import WireItem, plain, wire
from approvals.models.clock import utc_text

KEYS_PER_READ = 100
READ_ROUNDS = 8
AMEND_ROUNDS = 12
# The attributes that the mirror holds, and so all that it reads: a callback id never comes with them.
REQUEST_ATTRIBUTES = (
    "approval_id", "run_name", "run_arn", "workflow", "stage", "kind", "title", "summary", "requester", "amount",
    "currency", "details", "attachments", "policy", "options", "response_schema", "status", "decision", "events",
    "created_at", "updated_at", "expires_at", "settled_at", "version",
)  # fmt: skip
RUN_ATTRIBUTES = (
    "run_name", "run_arn", "workflow", "requester", "title", "input", "status", "current_step", "progress", "result",
    "error", "created_at", "updated_at", "version",
)  # fmt: skip

type Item = dict[str, Any]


@dataclass(frozen=True)
class Amendment:
    """One write: attributes to set and to remove, and lines for the item's history (``seq`` and ``at`` are added)."""

    values: Mapping[str, Any] = field(default_factory=dict)
    removals: tuple[str, ...] = ()
    lines: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: its name in AWS, its key, the list that is its history, the attributes that the mirror reads."""

    name: str
    key: str
    history: str
    attributes: tuple[str, ...]

    def get_many(self, keys: Iterable[str]) -> dict[str, RawItem]:
        """Return the items as of now (consistent), as they travel; absent ones are not in it. Raises an AwsError."""
        found: dict[str, RawItem] = {}
        for some in batched(dict.fromkeys(keys), KEYS_PER_READ, strict=False):
            found |= {head(raw, self.key)[0]: raw for raw in self._read([{self.key: {"S": key}} for key in some])}
        return found

    def pages(self, segment: int, segments: int) -> Iterator[list[RawItem]]:
        """Walk one segment of the whole table, page by page (consistent). Raises an AwsError."""
        place: dict[str, Any] = {}
        while True:
            answer = ask(
                raw_dynamodb().scan, f"Scan {self.name}", TableName=self.name, ConsistentRead=True,
                Segment=segment, TotalSegments=segments, **self._projection(), **place,
            )  # fmt: skip
            yield answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            place = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def keys_of_run(self, run_name: str) -> list[str]:
        """Return the keys of a run's requests by the RunIndex, which may lag a little. Raises an AwsError."""
        keys: list[str] = []
        place: dict[str, Any] = {}
        while True:
            answer = ask(
                dynamodb().query, f"Query {self.name}", TableName=self.name, IndexName="RunIndex",
                KeyConditionExpression="run_name = :run", ExpressionAttributeValues={":run": {"S": run_name}}, **place,
            )  # fmt: skip
            keys += [item[self.key]["S"] for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return keys
            place = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def get(self, key: str) -> Item | None:
        """Return the item as of now (consistent) with plain values, its callback id masked. Raises an AwsError."""
        answer = ask(
            dynamodb().get_item, f"Read {self.name}",
            TableName=self.name, Key={self.key: {"S": key}}, ConsistentRead=True,
        )  # fmt: skip
        return readable_item(answer["Item"]) if "Item" in answer else None

    def amend(self, key: str, change: Callable[[Item | None], Amendment | None]) -> Item | None:
        """Read, decide, write if nobody wrote in between; again if somebody did.

        ``change`` sees the item (None: absent) and returns the write, or None where there is nothing left to do; so a
        repeated call after a lost answer is harmless. Returns the item as it stands then. Raises an AwsError.
        """
        for attempt in range(AMEND_ROUNDS):
            item = self.get(key)
            amendment = change(item)
            if amendment is None:
                return item
            try:
                return self._write(key, item, amendment)
            except ConditionFailed:
                time.sleep(random.uniform(0, 0.02 * (attempt + 1)))  # noqa: S311 (jitter, not a secret)
        raise Retryable(f"Write {self.name}: other writers were faster {AMEND_ROUNDS} times in a row.")

    def _write(self, key: str, seen: Item | None, amendment: Amendment) -> Item:
        request = expressions(self, seen, amendment)
        answer = ask(
            dynamodb().update_item, f"Write {self.name}",
            TableName=self.name, Key={self.key: {"S": key}}, ReturnValues="ALL_NEW", **request,
        )  # fmt: skip
        return readable_item(answer["Attributes"])

    def _read(self, keys: list[dict[str, Any]]) -> Iterator[RawItem]:
        for attempt in range(READ_ROUNDS):
            question = {self.name: {"Keys": keys, "ConsistentRead": True, **self._projection()}}
            answer = ask(raw_dynamodb().batch_get_item, f"Read {self.name}", RequestItems=question)
            yield from answer["Responses"].get(self.name, [])
            left = answer.get("UnprocessedKeys", {}).get(self.name)
            if not left:
                return
            keys = left["Keys"]
            time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311
        raise Retryable(f"Read {self.name}: {len(keys)} items were throttled {READ_ROUNDS} times in a row.")

    def _projection(self) -> dict[str, Any]:
        # By alias: status and others are reserved words.
        names = {f"#{number}": name for number, name in enumerate(self.attributes)}
        return {"ProjectionExpression": ",".join(names), "ExpressionAttributeNames": names}


def approvals() -> Table:
    """The requests."""
    return Table(settings.APPROVALS_TABLE_NAME, "approval_id", "events", REQUEST_ATTRIBUTES)


def runs() -> Table:
    """The runs."""
    return Table(settings.RUNS_TABLE_NAME, "run_name", "progress", RUN_ATTRIBUTES)


def readable_item(item: WireItem) -> Item:
    """Return the item with plain values; the callback id, if it is there, as a CallbackId."""
    return {
        name: CallbackId(value["S"]) if name == "callback_id" else plain(value)
        for name, value in item.items()
    }  # fmt: skip


def expressions(table: Table, seen: Item | None, amendment: Amendment) -> dict[str, Any]:
    """Return the expressions of one UpdateItem: the amendment, and the bookkeeping that every write owes."""
    at = utc_text(timezone.now())
    version = int(seen["version"]) if seen else 0
    history = list(seen.get(table.history, [])) if seen else []
    lines = [{"seq": len(history) + number, "at": at, **line} for number, line in enumerate(amendment.lines, 1)]
    sets = {**amendment.values, "updated_at": at, "version": version + 1}
    if not seen:
        sets |= {"created_at": at, table.history: lines}
    names = {f"#{name}": name for name in (*sets, *amendment.removals, table.history, "version", table.key)}
    values = {f":{name}": wire(value) for name, value in sets.items()}
    clauses = [f"#{name} = :{name}" for name in sets]
    condition = f"attribute_not_exists(#{table.key})"
    if seen:
        values[":seen"] = wire(version)
        condition = "#version = :seen"
        if lines:
            values |= {":lines": wire(lines), ":none": wire([])}
            clauses.append(f"#{table.history} = list_append(if_not_exists(#{table.history}, :none), :lines)")
    update = "SET " + ", ".join(clauses)
    if amendment.removals:
        update += " REMOVE " + ", ".join(f"#{name}" for name in amendment.removals)
    used = {alias: name for alias, name in names.items() if _uses(alias, f"{update} {condition}")}
    return {
        "UpdateExpression": update,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": used,
        "ExpressionAttributeValues": values,
    }


def _uses(alias: str, text: str) -> bool:
    # DynamoDB refuses names that an expression does not use.
    return any(word.strip("(),") == alias for word in text.replace("(", " ").replace(",", " ").split())

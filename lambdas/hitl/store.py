"""The two tables: consistent reads, puts that never replace, and amendments under compare-and-set."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config

from hitl.clock import now, stamp
from hitl.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Item = dict[str, Any]

# A step makes four calls at most; together they stay below the function's timeout even if each is at its slowest.
CONNECT_SECONDS, READ_SECONDS, TRIES = 2, 5, 3
CLIENT_CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": TRIES},
)
AMEND_ATTEMPTS = 12


class ItemMissingError(LookupError):
    """The item to be amended is not in its table."""


class ContentionError(RuntimeError):
    """Other writers were faster on every attempt; the step is worth retrying."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """One write to one item.

    Attributes:
        values: attributes to set.
        removals: attributes to remove.
        entries: lines for the item's history; `seq` and `at` are added.
        only_if: attributes that must hold these values, beside the version.
        only_without: attributes that must be absent.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    removals: tuple[str, ...] = ()
    entries: tuple[Mapping[str, Any], ...] = ()
    only_if: Mapping[str, Any] = field(default_factory=dict)
    only_without: tuple[str, ...] = ()


@cache
def dynamodb() -> "DynamoDBClient":
    """The client of this sandbox; made late so that a bad environment names itself."""
    return boto3.client("dynamodb", config=CLIENT_CONFIG)


class Table:
    """One table whose items carry `version`, `updated_at` and an append-only history."""

    def __init__(self, name: str, key: str, history: str) -> None:
        self.name = name
        self.key = key
        self.history = history

    def get(self, key: str) -> Item | None:
        """The item as of now (consistent read), or None."""
        found = dynamodb().get_item(TableName=self.name, Key=self._key(key), ConsistentRead=True)
        return _decoded(found["Item"]) if "Item" in found else None

    def put_new(self, item: Item, *entries: Mapping[str, Any]) -> bool:
        """Write a first version, with its first history lines; never replaces.

        Returns:
            False when the key is taken, perhaps by an earlier try of the same caller: read it to tell.
        """
        at = stamp(now())
        whole = item | {
            "created_at": item.get("created_at", at),
            "updated_at": at,
            "version": 1,
            self.history: [{"seq": seq, "at": at, **entry} for seq, entry in enumerate(entries, 1)],
        }
        try:
            dynamodb().put_item(
                TableName=self.name,
                Item=_encoded(whole),
                ConditionExpression="attribute_not_exists(#key)",
                ExpressionAttributeNames={"#key": self.key},
            )
        except dynamodb().exceptions.ConditionalCheckFailedException:
            return False
        return True

    def amend(self, key: str, change: Callable[[Item], Amendment | None]) -> Item:
        """Read, decide, write if nobody wrote in between; again if somebody did.

        `change` sees the current item and returns the write, or None when there is nothing (left) to do. That makes a
        repeated call after a lost answer harmless.

        Returns:
            The item as it stands afterwards.

        Raises:
            ItemMissingError: no such item.
            ContentionError: lost the race on every attempt.
        """
        for attempt in range(AMEND_ATTEMPTS):
            item = self.get(key)
            if item is None:
                raise ItemMissingError(f"{self.key} {key} is not in {self.name}")
            amendment = change(item)
            if amendment is None:
                return item
            amended = self._write(key, item, amendment)
            if amended is not None:
                return amended
            time.sleep(random.uniform(0, 0.02 * (attempt + 1)))  # noqa: S311 - jitter, not a secret
        raise ContentionError(f"{self.key} {key} changed {AMEND_ATTEMPTS} times in a row")

    def _write(self, key: str, seen: Item, amendment: Amendment) -> Item | None:
        at = stamp(now())
        first = len(seen[self.history]) + 1
        lines = [{"seq": first + index, "at": at, **entry} for index, entry in enumerate(amendment.entries)]
        request = _update_request(seen, amendment, at=at, history=self.history, lines=lines)
        try:
            answer = dynamodb().update_item(TableName=self.name, Key=self._key(key), ReturnValues="ALL_NEW", **request)
        except dynamodb().exceptions.ConditionalCheckFailedException:
            return None
        return _decoded(answer["Attributes"])

    def _key(self, key: str) -> dict[str, Any]:
        return {self.key: {"S": key}}


def approvals() -> Table:
    """Requests by `approval_id`; their history is `events`."""
    return Table(settings().approvals_table, "approval_id", "events")


def runs() -> Table:
    """Runs by `run_name`; their history is `progress`."""
    return Table(settings().runs_table, "run_name", "progress")


def entry(
    actor: str,
    action: Literal["opened", "notified", "decided", "settled", "escalated", "closed"],
    note: str,
) -> Mapping[str, Any]:
    """One line of a request's history."""
    return {"actor": actor, "action": action, "note": note}


def _update_request(
    seen: Item, amendment: Amendment, *, at: str, history: str, lines: list[dict[str, Any]]
) -> dict[str, Any]:
    """The expressions of one UpdateItem: the amendment, and the bookkeeping that every write owes."""
    words = _Words()
    sets = {**amendment.values, "updated_at": at, "version": seen["version"] + 1}
    update = "SET " + ", ".join(f"{words.name(name)} = {words.value(value)}" for name, value in sets.items())
    if lines:
        update += f", {words.name(history)} = list_append({words.name(history)}, {words.value(lines)})"
    if amendment.removals:
        update += " REMOVE " + ", ".join(words.name(name) for name in amendment.removals)
    guards = {**amendment.only_if, "version": seen["version"]}
    conditions = [f"{words.name(name)} = {words.value(value)}" for name, value in guards.items()]
    conditions += [f"attribute_not_exists({words.name(name)})" for name in amendment.only_without]
    return {
        "UpdateExpression": update,
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": words.names,
        "ExpressionAttributeValues": words.values,
    }


class _Words:
    """Placeholders of one expression: many attribute names here are reserved words."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def name(self, name: str) -> str:
        alias = f"#{name}"
        self.names[alias] = name
        return alias

    def value(self, value: Any) -> str:
        alias = f":v{len(self.values)}"
        self.values[alias] = _serializer.serialize(value)
        return alias


_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def _encoded(item: Item) -> dict[str, Any]:
    return {name: _serializer.serialize(value) for name, value in item.items()}


def _decoded(attributes: Mapping[str, Any]) -> Item:
    return {name: _deserializer.deserialize(value) for name, value in attributes.items()}

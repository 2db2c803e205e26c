"""A travel desk in memory of the test: the real booking functions on tables of their own, and ways to break them."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.bookings import car, desk, flight, hotel
from tests.workflows.cloud import Cloud, client
from tests.workflows.stage import Stage

type Function = Callable[[dict[str, Any], Any], dict[str, Any]]
FUNCTIONS: dict[str, Function] = {
    f"{what}-{service}": getattr(module, what)
    for service, module in (("flight", flight), ("hotel", hotel), ("car", car))
    for what in ("reserve", "cancel")
}


def trip(**fields: Any) -> dict[str, Any]:
    """A trip under the approval limit."""
    return {
        "passengerName": "Ada Obi",
        "departure": "Oslo",
        "destination": "Lyon",
        "flightPrice": "100",
        "hotelPrice": "90.50",
        "carPrice": "40",
    } | fields


@dataclass
class Desk:
    """Calls in order; `before` and `after` name the calls that fail, and how often."""

    table: str
    monkeypatch: pytest.MonkeyPatch
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def serve(self, stage: Stage) -> Stage:
        """Let a runner call the six functions."""
        for name in FUNCTIONS:
            stage.runner.register_function(f"bookings-{name}", self._function(name))
        return stage

    def _function(self, name: str) -> Function:
        def call(event: dict[str, Any], context: Any) -> dict[str, Any]:
            self.calls.append(name)
            self._break(self.before, name)
            answer = FUNCTIONS[name](event, context)
            self._break(self.after, name)
            return answer

        return call

    def _break(self, broken: dict[str, int], name: str) -> None:
        if broken.get(name, 0) > 0:
            broken[name] -= 1
            raise ConnectionError(f"{name} is out of order")

    def rows(self) -> dict[str, str]:
        """The status of each booking by its service."""
        items = client("dynamodb").scan(TableName=self.table, ConsistentRead=True)["Items"]
        return {item["booking_id"]["S"].split("-")[0]: item["status"]["S"] for item in items}


def open_desk(_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with an empty table; the three services share it here, told apart by their ids."""
    table = f"bookings-{uuid.uuid4().hex[:8]}"
    client("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "booking_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "booking_id", "AttributeType": "S"}],
    )
    monkeypatch.setenv("BOOKINGS_TABLE_NAME", table)
    desk.dynamodb.cache_clear()
    return Desk(table, monkeypatch)

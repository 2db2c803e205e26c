"""One service's bookings: reserve and cancel under an id that the caller made, each safe to repeat."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config

from functions.injection import injection_allowed
from hitl.clock import now, stamp
from hitl.settings import required

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Service = Literal["flight", "hotel", "car"]
_encode = TypeSerializer().serialize
_decode = TypeDeserializer().deserialize


class BadRequestError(ValueError):
    """The caller did not say what to book."""


@cache
def dynamodb() -> "DynamoDBClient":
    """The client of this sandbox."""
    return boto3.client("dynamodb", config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard"}))


def reserve(service: Service, event: dict[str, Any]) -> dict[str, Any]:
    """Book `event["details"]` under `event["booking_id"]` for the run `event["run_name"]`.

    A second call with the same id finds the booking. An id that was cancelled is refused, so that a reservation that
    arrives after its own undo books nothing.

    Returns:
        `{"outcome": "reserved" | "refused", "booking_id", "reason"}`. A refusal is a business answer, not a fault.

    Raises:
        BadRequestError: a field is missing.
    """
    booking_id, run_name = _text(event, "booking_id"), _text(event, "run_name")
    if event.get("simulate_failure") is True and injection_allowed():
        return _answer(booking_id, "refused", f"No {service} is left (simulated).")
    item = {
        "booking_id": booking_id,
        "run_name": run_name,
        "service": service,
        "status": "reserved",
        "details": event.get("details", {}),
        "reserved_at": stamp(now()),
    }
    try:
        dynamodb().put_item(
            TableName=required("BOOKINGS_TABLE_NAME"),
            Item={name: _encode(value) for name, value in item.items()},
            ConditionExpression="attribute_not_exists(booking_id)",
        )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return _as_it_stands(booking_id, run_name)
    return _answer(booking_id, "reserved")


def cancel(_service: Service, event: dict[str, Any]) -> dict[str, Any]:
    """Undo the booking `event["booking_id"]`. One that was never written counts as undone, and stays impossible.

    Returns:
        `{"outcome": "cancelled", "booking_id", "reason"}`; the reason says what was there before.

    Raises:
        BadRequestError: a field is missing.
    """
    booking_id = _text(event, "booking_id")
    before = dynamodb().update_item(
        TableName=required("BOOKINGS_TABLE_NAME"),
        Key={"booking_id": {"S": booking_id}},
        UpdateExpression="SET #status = :cancelled, cancelled_at = if_not_exists(cancelled_at, :now)",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":cancelled": {"S": "cancelled"}, ":now": {"S": stamp(now())}},
        ReturnValues="ALL_OLD",
    )
    was = "Cancelled." if before.get("Attributes") else "Nothing had been booked."
    return _answer(booking_id, "cancelled", was)


def _as_it_stands(booking_id: str, run_name: str) -> dict[str, Any]:
    found = dynamodb().get_item(
        TableName=required("BOOKINGS_TABLE_NAME"), Key={"booking_id": {"S": booking_id}}, ConsistentRead=True
    )
    item = {name: _decode(value) for name, value in found.get("Item", {}).items()}
    if item.get("status") == "reserved" and item.get("run_name") == run_name:
        return _answer(booking_id, "reserved")
    return _answer(booking_id, "refused", "The booking was cancelled, or belongs to another run.")


def _answer(booking_id: str, outcome: str, reason: str = "") -> dict[str, Any]:
    return {"outcome": outcome, "booking_id": booking_id, "reason": reason}


def _text(event: dict[str, Any], name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequestError(f"{name} is required")
    return value

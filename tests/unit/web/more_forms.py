"""The forms of the workflows besides expense, filled in as a browser would."""

import json
import uuid
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from approvals.models import Delivery

WORKFLOWS = ("document", "expense", "loan", "moderation", "travel")
ARNS = {name: f"arn:aws:lambda:us-east-1:000000000000:function:{name}:live" for name in WORKFLOWS}


def day(ahead: int) -> str:
    """A day from today on, as a browser sends it."""
    return (timezone.localdate() + timedelta(days=ahead)).isoformat()


def send(client: Client, workflow: str, form: dict[str, Any], action: str = "submit") -> Any:
    """Send the form; the response."""
    return client.post(f"/submit/{workflow}/", {"token": str(uuid.uuid4()), "action": action} | form)


def taken(client: Client, workflow: str, form: dict[str, Any]) -> dict[str, Any]:
    """Send a form that is right; the workflow's input."""
    answer = send(client, workflow, form)
    assert answer.status_code == 302, answer.content.decode()
    payload: dict[str, Any] = json.loads(Delivery.objects.get().payload)
    return payload


def refused(client: Client, workflow: str, form: dict[str, Any]) -> str:
    """Send a form that must not be taken; the page."""
    answer = send(client, workflow, form)
    assert answer.status_code == 422
    assert not Delivery.objects.exists()
    return str(answer.content.decode())


def document(**changes: str) -> dict[str, Any]:
    """A document."""
    return {"document_name": "Supply contract", "document_id": "C-2026-17", "days": "2"} | changes


def flagged(**changes: str) -> dict[str, Any]:
    """Flagged content."""
    return {
        "content_type": "comment",
        "content_id": "c-17",
        "author": "ann",
        "excerpt": "Buy now!",
        "flags": "Spam\nReported by three readers",
    } | changes


def loan(**changes: str) -> dict[str, Any]:
    """A loan application."""
    return {
        "applicant_name": "Ada Obi",
        "ssn_last4": "1111",
        "annual_income": "85000",
        "loan_amount": "20000,50",
        "loan_purpose": "New kitchen",
        "address": "",
        "phone": "",
    } | changes


def trip(**changes: str) -> dict[str, Any]:
    """A trip."""
    return {
        "passengerName": "Rita Moss",
        "departure": "Oslo",
        "destination": "Lyon",
        "flightPrice": "210.50",
        "hotelName": "Hotel du Rhone",
        "checkIn": day(10),
        "checkOut": day(12),
        "hotelPrice": "300",
        "carType": "Small",
        "pickupDate": day(10),
        "dropoffDate": day(12),
    } | changes


__all__ = ["ARNS", "WORKFLOWS", "day", "document", "flagged", "loan", "refused", "send", "taken", "trip"]

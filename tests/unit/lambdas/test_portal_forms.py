"""What each of the portal's forms sends is what its workflow takes: neither imports the other, so this holds both."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from approvals.web.forms import offered
from hitl import WorkflowInput
from tests.factories import person
from tests.unit.web.forms import expense, line, png, signed_in
from tests.unit.web.more_forms import ARNS, WORKFLOWS, day, document, flagged, loan, taken, trip
from workflows.document import Document
from workflows.expense_input import Expense
from workflows.loan_input import Loan
from workflows.moderation import Content
from workflows.travel_input import Trip

pytestmark = pytest.mark.django_db
MODELS: dict[str, type[WorkflowInput]] = {
    "document": Document, "expense": Expense, "loan": Loan, "moderation": Content, "travel": Trip,
}  # fmt: skip
# What people are not asked: outside callers give it.
NOT_ON_THE_FORM = {"expense": {"timeout_seconds"}, "moderation": {"timeout_seconds"}}
LONG = "Größe & Maß 你好 " * 400


def every_field() -> dict[str, dict[str, Any]]:
    """Each form with everything filled in."""
    lines = [line(0, amount="1.240,50"), line(1, category="other", amount="0.01", description="Kaffee ☕ \u202e")]
    return {
        "document": document(days="7"),
        "expense": expense(*lines, manager="mona", files=[png()]),
        "loan": loan(address="7 Elm Row\n12345 Town", phone="+1 555 0100", loan_amount="999999999.99"),
        "moderation": flagged(flags="; ".join(str(number) for number in range(20)), excerpt=LONG[:4000]),
        "travel": trip(
            flightNumber="SK 4711", flightPrice="1'000", guestName="Ben Ruiz", roomType="Double",
            driverName="Cleo Hart", pickupLocation="Airport", dropoffLocation="Station", carPrice="40",
            failBookFlight="on", failBookHotel="on", failBookCar="on",
        ),
    }  # fmt: skip


def little() -> dict[str, dict[str, Any]]:
    """Each form with no more than it must have."""
    bare_trip = dict.fromkeys(("hotelPrice", "carPrice", "flightNumber"), "") | {"flightPrice": "0.01"}
    return {
        "document": document(document_id="", days=""),
        "expense": expense(line(amount="1")),
        "loan": loan(loan_amount="0.01"),
        "moderation": flagged(excerpt="x", flags="x"),
        "travel": trip(checkIn=day(0), checkOut=day(1), pickupDate=day(0), dropoffDate=day(0)) | bare_trip,
    }


def longest() -> dict[str, dict[str, Any]]:
    """Each form with its texts as long as they may be."""
    return {
        "document": document(document_name=LONG[:120], document_id="D" * 64),
        "expense": expense(line(description=LONG[:500], amount="999999999.99"), description=LONG[:2000]),
        "loan": loan(applicant_name=LONG[:150], loan_purpose=LONG[:200], address=LONG[:500], phone="5" * 40),
        "moderation": flagged(author=LONG[:150], content_id="c" * 64, flags=LONG[:80]),
        "travel": trip(passengerName=LONG[:150], departure=LONG[:120], hotelName=LONG[:120], carType=LONG[:120]),
    }


@pytest.fixture
def rita(settings: Settings) -> Client:
    settings.WORKFLOW_ARNS, settings.DEMO = ARNS, True
    person("mona", "managers")
    return signed_in("rita")


def test_every_form_that_the_portal_offers_is_held_here(rita: Client) -> None:
    assert sorted(sheet.workflow for sheet in offered()) == sorted(MODELS) == sorted(WORKFLOWS)


@pytest.mark.parametrize("filled", [every_field, little, longest])
@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_workflow_takes_what_its_form_sends(rita: Client, workflow: str, filled: Any) -> None:
    payload = taken(rita, workflow, filled()[workflow])
    given = MODELS[workflow].model_validate(payload)

    assert payload[type(given).requester_field] == "rita"
    assert given.run_title()


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_form_asks_for_every_field_of_the_workflow(rita: Client, workflow: str) -> None:
    payload = taken(rita, workflow, every_field()[workflow])

    assert set(MODELS[workflow].model_fields) - set(payload) == NOT_ON_THE_FORM.get(workflow, set())

"""Inputs of all five workflows, made at random: what is right is read whole, anything else is refused in a sentence."""

import json
import string
from datetime import date
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hitl import WorkflowInput
from hitl.ask import TITLE_LENGTH
from hitl.runs import json_ready, plain
from hitl.story import faults
from workflows.currencies import MINOR_DIGITS
from workflows.document import Document
from workflows.expense_input import Category, Expense
from workflows.loan_input import Loan
from workflows.moderation import Content
from workflows.travel_input import SERVICES, Trip

_line = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40)
_words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200).filter(lambda text: text.strip())
_id = st.text(string.ascii_letters + string.digits, min_size=1, max_size=64)
_day = st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(date.isoformat)
_cents = st.integers(1, 10**11).map(lambda cents: f"{cents // 100}.{cents % 100:02}")
_money = _cents | st.integers(1, 10**9)
_seconds = st.integers(1, 604_800)


def _some(needed: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(needed, optional=optional)


def _expense_of(currency: str) -> st.SearchStrategy[dict[str, Any]]:
    digits = MINOR_DIGITS[currency]
    amounts = st.integers(1, 10**9).map(lambda units: f"{units / 10**digits:.{digits}f}")
    receipt = _some({"id": _id, "name": _line, "content_type": _line, "size": st.integers(0, 2**31)}, {})
    spent = _some(
        {"date": _day, "category": st.sampled_from(list(Category)).map(str), "description": _words, "amount": amounts},
        {"receipts": st.lists(receipt, max_size=2)},
    )
    needed = {"expense_id": _id, "submitted_by": st.just("rita"), "description": _words, "currency": st.just(currency)}
    lines = {"lines": st.lists(spent, min_size=1, max_size=3)}
    return _some(needed | lines, {"manager": _line.map(lambda name: f"m {name}"), "timeout_seconds": _seconds})


INPUTS: dict[str, tuple[type[WorkflowInput], st.SearchStrategy[dict[str, Any]]]] = {
    "expense": (Expense, st.sampled_from(sorted(MINOR_DIGITS)).flatmap(_expense_of)),
    "document": (
        Document,
        _some({"document_id": _id, "document_name": _line, "requester": _line}, {"timeout_seconds": _seconds}),
    ),
    "moderation": (
        Content,
        _some(
            {
                "content_id": _id, "content_type": st.sampled_from(["comment", "review", "image_2", "a-b"]),
                "excerpt": _words, "author": _line, "flags": st.lists(_line, max_size=20),
            },
            {"requester": _line, "timeout_seconds": _seconds},
        ),
    ),
    "loan": (
        Loan,
        _some(
            {
                "application_id": _id, "applicant_name": _line, "annual_income": _money, "loan_amount": _money,
                "loan_purpose": _line, "ssn_last4": st.text("0123456789", min_size=4, max_size=4),
            },
            {"address": _words, "phone": _line, "requester": _line},
        ),
    ),
    "travel": (
        Trip,
        _some(
            {"passengerName": _line, "departure": _line, "destination": _line},
            {
                **dict.fromkeys(("flightNumber", "guestName", "hotelName", "roomType", "driverName", "carType"), _line),
                **dict.fromkeys(("pickupLocation", "dropoffLocation", "requester"), _line),
                **dict.fromkeys(("flightPrice", "hotelPrice", "carPrice"), _money),
                **dict.fromkeys(("failBookFlight", "failBookHotel", "failBookCar"), st.booleans()),
                "checkIn": st.just("2026-12-01"), "checkOut": st.just("2026-12-04"),
                "pickupDate": st.just("2026-12-01"), "dropoffDate": st.sampled_from(["2026-12-01", "2026-12-04"]),
            },
        ),
    ),
}  # fmt: skip
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("workflow", INPUTS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_right_input_is_read_and_can_be_recorded_and_shown(workflow: str, data: st.DataObject) -> None:
    model, inputs = INPUTS[workflow]
    given_ = model.model_validate(data.draw(inputs))
    recorded = given_.recorded()

    assert json.loads(json.dumps(recorded)) == recorded
    TypeSerializer().serialize(plain(recorded))
    assert 0 < len(given_.run_title()) <= TITLE_LENGTH
    if isinstance(given_, Trip):
        assert all(json.dumps(json_ready(given_.booking(service))) for service in SERVICES)
    if isinstance(given_, Loan):
        assert not {"ssn_last4", "address", "phone"} & set(recorded)
        assert "ssn_last4" not in repr(given_)


@pytest.mark.parametrize("workflow", INPUTS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_field_that_is_missing_strange_or_spoilt_is_named_and_never_quoted(
    workflow: str, data: st.DataObject
) -> None:
    model, inputs = INPUTS[workflow]
    whole = data.draw(inputs)
    needed = sorted(name for name, field in model.model_fields.items() if field.is_required())

    left_out = data.draw(st.sampled_from(needed))
    assert f"{left_out} is required." in refusal(model, {k: v for k, v in whole.items() if k != left_out})
    assert "zzz is not a field of this workflow." in refusal(model, whole | {"zzz": 1})
    spoilt, marked = data.draw(st.sampled_from(sorted(whole))), {"secret-value": "secret-value"}
    sentence = refusal(model, whole | {spoilt: marked})
    assert spoilt in sentence
    assert "secret-value" not in sentence


@pytest.mark.parametrize("workflow", INPUTS)
@settings(max_examples=40)
@given(payload=_json)
def test_nothing_else_is_an_input(workflow: str, payload: object) -> None:
    assert refusal(INPUTS[workflow][0], payload)


def refusal(model: type[WorkflowInput], payload: object) -> str:
    """Why the input is refused; fails if it is not."""
    with pytest.raises(ValidationError) as refused:
        model.model_validate(payload)
    return faults(refused.value)

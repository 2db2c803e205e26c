"""What is no expense is refused with a sentence that names the field."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hitl.story import faults
from tests.workflows.claims import claim
from workflows.currencies import MINOR_DIGITS
from workflows.expense_input import Expense

RECEIPT = {"id": "r-1", "name": "ticket.pdf", "content_type": "application/pdf", "size": 4096}


def refusal(payload: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Expense.model_validate(payload)
    return faults(caught.value)


def with_line(**changes: Any) -> dict[str, Any]:
    payload = claim("12.50")
    payload["lines"][0] |= changes
    return payload


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in claim().items() if key != name}


@pytest.mark.parametrize("name", ["expense_id", "submitted_by", "description", "currency", "lines"])
def test_a_missing_field_is_named(name: str) -> None:
    assert refusal(without(name)) == f"{name} is required."


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        (claim(approved=True), "approved is not a field of this workflow."),
        (with_line(approver="me"), "lines.1.approver is not a field of this workflow."),
        (claim(currency="EURO"), "currency must be a currency code of ISO 4217 such as EUR."),
        (claim(currency="eur"), "currency must be a currency code of ISO 4217 such as EUR."),
        (with_line(amount="0"), "lines.1.amount must be more than zero."),
        (with_line(amount="0.00"), "lines.1.amount must be more than zero."),
        (with_line(amount="-5"), 'lines.1.amount must be text such as "120.50".'),
        (with_line(amount=12.5), 'lines.1.amount must be text such as "120.50".'),
        (with_line(amount="1e3"), 'lines.1.amount must be text such as "120.50".'),
        (with_line(amount="NaN"), 'lines.1.amount must be text such as "120.50".'),
        (claim(lines=[]), "lines must have 1 or more entries."),
        (claim(timeout_seconds=0), "timeout_seconds must be 1 or more."),
        (claim(description="x" * 2001), "description must have at most 2000 characters."),
        (with_line(amount="12.505"), "lines.1.amount must have at most 2 decimals in EUR."),
        (with_line(category="gifts"), "lines.1.category must be one of travel, meals, lodging"),
        (with_line(category=None), "lines.1.category must be one of travel, meals, lodging"),
        (with_line(date="2026-02-30"), "lines.1.date is not a day of the calendar."),
        (with_line(date="21/11/2026"), "lines.1.date must be a date such as 2026-11-21."),
        (with_line(date="1999-12-31"), "lines.1.date must not be before 2000-01-01."),
        (with_line(description="  "), "lines.1.description must not be blank."),
        (with_line(receipts=[RECEIPT | {"size": -1}]), "lines.1.receipts.1.size "),
        (with_line(receipts=[RECEIPT | {"id": "../etc"}]), "lines.1.receipts.1.id "),
        (with_line(receipts=[RECEIPT] * 11), "lines.1.receipts "),
        (claim(lines=[]), "lines "),
        (claim(*["1"] * 101), "lines "),
        (claim(manager="requester"), "manager must not be the person who submits."),
        (claim(manager=" "), "manager must not be blank."),
        (claim(submitted_by="a\nb"), "submitted_by must be one line"),
        (claim(timeout_seconds=0), "timeout_seconds "),
        (claim(timeout_seconds="60"), "timeout_seconds must be a whole number."),
        (claim(timeout_seconds=True), "timeout_seconds must be a whole number."),
        (claim(lines="none"), "lines must be a list."),
        (claim(**{"x\u202e" * 99: 1}), "x\\u202ex\\u202e"),
        ([], "The input must be a JSON object."),
        (
            claim(*["1"] * 100, lines=[with_line(description="é" * 500)["lines"][0]] * 100),
            "The input is over 120000 bytes.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(payload: object, sentence: str) -> None:
    assert sentence in refusal(payload)


def test_many_faults_are_told_in_part() -> None:
    assert refusal({"a": 1, "b": 2, "c": 3}).endswith("And 3 more.")


def test_a_refusal_never_repeats_the_value() -> None:
    assert "secret" not in refusal(claim(currency="secret", submitted_by="\nsecret", timeout_seconds="secret"))


@given(
    st.sampled_from(sorted(MINOR_DIGITS)),
    st.lists(st.integers(min_value=1, max_value=10**11), min_size=1, max_size=20),
)
def test_totals_are_exact_in_every_currency(currency: str, units: list[int]) -> None:
    digits = MINOR_DIGITS[currency]
    amounts = [str(Decimal(unit).scaleb(-digits)) for unit in units]
    amounts = [format(Decimal(amount), "f") for amount in amounts]

    expense = Expense.model_validate(claim(*amounts, currency=currency))

    assert expense.total == Decimal(sum(units)).scaleb(-digits)
    assert -expense.total.as_tuple().exponent == digits  # type: ignore[operator]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just("lines"), inner, max_size=4),
    )
)
def test_nothing_else_is_an_expense(payload: object) -> None:
    assert refusal(payload)


def test_every_category_and_a_receipt_are_taken() -> None:
    for category in ("travel", "meals", "lodging", "equipment", "software", "training", "other"):
        expense = Expense.model_validate(with_line(category=category, receipts=[RECEIPT]))
        assert expense.receipts == [RECEIPT]


def test_what_is_recorded_is_plain_json_with_amounts_as_text() -> None:
    recorded = Expense.model_validate(claim("120.50")).recorded()

    assert json.loads(json.dumps(recorded)) == recorded
    assert recorded["lines"][0]["amount"] == "120.50"


def test_a_long_description_is_cut_in_the_title() -> None:
    assert len(Expense.model_validate(claim(description="word " * 300)).run_title()) == 120

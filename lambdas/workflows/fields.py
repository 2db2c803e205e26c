"""The kinds of values that inputs are made of: read strictly, refused with a sentence."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

EARLIEST = date(2000, 1, 1)
CENTS = 2
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def words(text: str) -> str:
    """Not blank."""
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def one_line(text: str) -> str:
    """Not blank, one line, nothing invisible."""
    if not words(text).isprintable():
        raise ValueError("must be one line without control characters")
    return text


def amount(value: object) -> Decimal:
    """Money as text, more than zero, up to three decimals."""
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise ValueError('must be text such as "120.50"')
    number = Decimal(value)
    if number <= 0:
        raise ValueError("must be more than zero")
    return number


def day(value: object) -> date:
    """A day of the calendar as ISO 8601 text."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("must be a date such as 2026-11-21")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None
    if found < EARLIEST:
        raise ValueError(f"must not be before {EARLIEST}")
    return found


def cents(value: object) -> Decimal:
    """As `amount`, with two decimals at most, and whole numbers may be numbers: 500 or "500.00"."""
    number = amount(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)
    if number != round(number, CENTS):
        raise ValueError(f"must have at most {CENTS} decimals")
    return number.quantize(Decimal("0.01"))


type Words = Annotated[str, Field(max_length=2_000), AfterValidator(words)]
type Name = Annotated[str, Field(max_length=150), AfterValidator(one_line)]
type Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
type Money = Annotated[Decimal, BeforeValidator(cents)]
type Day = Annotated[date, BeforeValidator(day)]
type Seconds = Annotated[int, Field(ge=1)]

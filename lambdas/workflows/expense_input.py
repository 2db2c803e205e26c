"""What an expense must look like; anything else is refused with a sentence that names the field."""

import json
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hitl import WorkflowInput
from workflows.currencies import MINOR_DIGITS
from workflows.fields import Day, Identifier, Name, Words, amount, one_line, words

LINES = 100
RECEIPTS = 10
INPUT_BYTES = 120_000
LONGEST_TITLE = 120


class Category(StrEnum):
    """What money may be spent on."""

    TRAVEL = "travel"
    MEALS = "meals"
    LODGING = "lodging"
    EQUIPMENT = "equipment"
    SOFTWARE = "software"
    TRAINING = "training"
    OTHER = "other"


def _category(value: object) -> Category:
    if not isinstance(value, str) or value not in list(Category):
        raise ValueError(f"must be one of {', '.join(Category)}")
    return Category(value)


def _currency(code: str) -> str:
    if code not in MINOR_DIGITS:
        raise ValueError("must be a currency code of ISO 4217 such as EUR")
    return code


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Receipt(_Part):
    """A reference to one of the portal's private files; `size` in bytes."""

    id: Identifier
    name: Annotated[str, Field(max_length=255), AfterValidator(one_line)]
    content_type: Annotated[str, Field(max_length=100), AfterValidator(one_line)]
    size: Annotated[int, Field(ge=0, le=2**31)]


class Line(_Part):
    """One thing that money was spent on, in the expense's currency."""

    date: Day
    category: Annotated[Category, BeforeValidator(_category)]
    description: Annotated[str, Field(max_length=500), AfterValidator(words)]
    amount: Annotated[Decimal, BeforeValidator(amount)]
    receipts: Annotated[list[Receipt], Field(max_length=RECEIPTS)] = []


class Expense(WorkflowInput):
    """The input of the expense workflow. Source: design of the workflow inputs, docs/data.md."""

    requester_field: ClassVar[str] = "submitted_by"

    expense_id: Identifier
    submitted_by: Name
    description: Words
    currency: Annotated[str, AfterValidator(_currency)]
    lines: Annotated[list[Line], Field(min_length=1, max_length=LINES)]
    manager: Name | None = None
    timeout_seconds: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        digits = MINOR_DIGITS[self.currency]
        for number, line in enumerate(self.lines, 1):
            if -_exponent(line.amount) > digits:
                raise ValueError(f"lines.{number}.amount must have at most {digits} decimals in {self.currency}")
        if self.manager == self.submitted_by:
            raise ValueError("manager must not be the person who submits")
        if len(json.dumps(self.recorded()).encode()) > INPUT_BYTES:
            raise ValueError(f"The input is over {INPUT_BYTES} bytes")
        return self

    @property
    def total(self) -> Decimal:
        """The sum of the lines, with the currency's decimals."""
        return sum((line.amount for line in self.lines), Decimal(0)).quantize(self._unit)

    @property
    def _unit(self) -> Decimal:
        return Decimal(1).scaleb(-MINOR_DIGITS[self.currency])

    @property
    def receipts(self) -> list[dict[str, Any]]:
        """The receipts of all lines, as a request's attachments."""
        return [receipt.model_dump() for line in self.lines for receipt in line.receipts]

    def run_title(self) -> str:
        """`Customer visit in Lyon`, cut to fit a list. The amount stands beside it, in the reader's own format."""
        heading = " ".join(self.description.split())
        return heading if len(heading) <= LONGEST_TITLE else heading[: LONGEST_TITLE - 1] + "…"

    def details(self) -> dict[str, Any]:
        """What an approver should see, as the request's details; receipts by id."""
        lines = [
            {
                "date": line.date,
                "category": line.category.value,
                "description": line.description,
                "amount": line.amount,
                "receipts": [receipt.id for receipt in line.receipts],
            }
            for line in self.lines
        ]
        return {"expense_id": self.expense_id, "description": self.description, "lines": lines}


def _exponent(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0

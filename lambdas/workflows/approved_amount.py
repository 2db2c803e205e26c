"""Approving less than was asked for: the amount that an approver may name beside the yes, and how it is read."""

from decimal import Decimal
from functools import cache
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model

from hitl import RunFailed, Verdict
from workflows.currencies import MINOR_DIGITS


def _number(value: object) -> object:
    # As DynamoDB and a strict JSON reader give numbers; text, floats and booleans are no amounts.
    if isinstance(value, bool) or not isinstance(value, int | Decimal | None):
        raise ValueError("must be a number")  # noqa: TRY004 (pydantic reads it as a fault of the answer)
    return Decimal(value) if isinstance(value, int) else value


@cache
def lower_amount(asked: Decimal, currency: str) -> type[BaseModel]:
    """The form of an answer that may lower the amount: one optional number, a unit of the currency to what was asked.

    For `request_approval(response_schema=…)`. Nothing in it is needed, so a plain yes stands for the whole amount.
    """
    unit = Decimal(1).scaleb(-MINOR_DIGITS[currency])
    bounds = {"minimum": float(unit), "maximum": float(asked), "multipleOf": float(unit)}
    amount = Annotated[
        Decimal | None,
        BeforeValidator(_number),
        Field(
            title="Approve less",
            description=f"An amount in {currency}, at most what was asked. Leave it empty for the whole amount.",
            ge=unit,
            le=asked,
            multiple_of=unit,
        ),
        # Written out: pydantic would leave the bounds out, and whoever draws the form would not know them.
        WithJsonSchema({"anyOf": [{"type": "number", **bounds}, {"type": "null"}]}),
    ]
    made = cast("Any", create_model)(
        "ApprovedAmount", __config__=ConfigDict(extra="forbid", strict=True, frozen=True), amount=(amount, None)
    )
    return cast("type[BaseModel]", made)


def approved_amount(verdict: Verdict, asked: Decimal, currency: str) -> Decimal:
    """What a yes allows: the amount named beside it, else what was asked.

    Raises:
        RunFailed: the verdict is no yes, or names an amount that it may not; nothing is paid.
    """
    if not verdict.approved:
        raise RunFailed(f"Request {verdict.approval_id} was not approved.")
    if verdict.response is None:
        return asked
    try:
        named: Decimal | None = lower_amount(asked, currency).model_validate(verdict.response).amount  # type: ignore[attr-defined]
    except ValueError as error:
        raise RunFailed(f"Request {verdict.approval_id} names an amount that is not allowed.") from error
    return asked if named is None else named

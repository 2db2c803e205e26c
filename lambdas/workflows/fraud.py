"""The loan's fraud check: hand a callback to another function and read its answer strictly."""

import json
from functools import cache
from typing import TYPE_CHECKING

import boto3
from aws_durable_execution_sdk_python import (
    CallbackExternalError,
    CallbackSubmitterError,
    CallbackTimeoutError,
    DurableContext,
)
from aws_durable_execution_sdk_python.config import Duration, WaitForCallbackConfig
from aws_durable_execution_sdk_python.types import WaitForCallbackContext
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hitl import RunFailed
from hitl.retries import table_retries
from hitl.settings import required
from hitl.store import CLIENT_CONFIG
from hitl.verdict import quote
from workflows.limits import number
from workflows.loan_input import Loan

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LAST_WORDS = "Nothing was paid."


class FraudReport(BaseModel):
    """What the fraud check answers. `cleared` is true or false and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    application_id: str
    cleared: bool
    reference: str = Field(min_length=1, max_length=100)


@cache
def lambdas() -> "LambdaClient":
    """The client of this sandbox."""
    return boto3.client("lambda", config=CLIENT_CONFIG)


def check(context: DurableContext, loan: Loan) -> tuple[bool, str]:
    """Suspend until the fraud check answers: whether it cleared the application, and its reference.

    The function may be called twice after a lost answer; its first answer counts.

    Raises:
        RunFailed: it failed, said something unreadable, or never answered.
    """

    def submit(callback_id: str, _: WaitForCallbackContext) -> None:
        lambdas().invoke(
            FunctionName=required("FRAUD_CHECK_FUNCTION_ARN"),
            InvocationType="Event",
            Payload=json.dumps(
                {
                    "callback_id": callback_id,
                    "application_id": loan.application_id,
                    "annual_income": str(loan.annual_income),
                    "loan_amount": str(loan.loan_amount),
                    "loan_purpose": loan.loan_purpose,
                }
            ),
        )

    config = WaitForCallbackConfig(
        timeout=Duration.from_seconds(max(1, int(number("FRAUD_CHECK_SECONDS")))), retry_strategy=table_retries
    )
    try:
        payload = context.wait_for_callback(submit, name="fraud check", config=config)
    except CallbackTimeoutError:
        raise RunFailed(f"The fraud check did not answer in time. {LAST_WORDS}") from None
    except CallbackExternalError as error:
        raise RunFailed(f"The fraud check failed: {quote(error.message)}. {LAST_WORDS}") from None
    except CallbackSubmitterError:
        raise RunFailed(f"The fraud check could not be called. {LAST_WORDS}") from None
    return _read(payload, loan)


def _read(payload: str | None, loan: Loan) -> tuple[bool, str]:
    try:
        report = FraudReport.model_validate_json(payload or "", strict=True)
    except ValidationError:
        raise RunFailed(f"The fraud check sent no readable report. {LAST_WORDS}") from None
    if report.application_id != loan.application_id:
        raise RunFailed(f"The fraud check reported on another application. {LAST_WORDS}")
    return report.cleared, report.reference

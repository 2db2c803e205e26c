"""The fraud check: looks at one application and answers the waiting loan run by its callback."""

import hashlib
import json
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.injection import injection_allowed

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# A sum of more than so many yearly incomes is not a loan that anybody asks for in good faith.
PLAUSIBLE_YEARS = 50
SILENT, FAILING = "simulate fraud check silence", "simulate fraud check failure"
CLOSED = frozenset({"CallbackTimeoutException", "404"})
logger = Logger()


@cache
def lambdas() -> "LambdaClient":
    """The client of this sandbox."""
    return boto3.client("lambda", config=Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard"}))


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Answer `event["callback_id"]` with a report, or fail it where the application cannot be read.

    Logs neither the event nor the callback id. An answer that comes too late, or twice, is not an error.
    With `AllowFailureInjection` two loan purposes simulate a failing and a silent check.

    Returns:
        `{"answer": "report" | "failure" | "none" | "late"}`.
    """
    purpose = event.get("loan_purpose") if injection_allowed() else None
    if purpose == SILENT:
        return {"answer": "none"}
    try:
        report = None if purpose == FAILING else _report(event)
    except (KeyError, TypeError, InvalidOperation):
        report = None
    try:
        return {"answer": _answer(event["callback_id"], report)}
    except ClientError as error:
        if error.response["Error"]["Code"] not in CLOSED:
            raise
        logger.info("answered already")
        return {"answer": "late"}


def _report(event: dict[str, Any]) -> dict[str, Any]:
    amount, income = Decimal(event["loan_amount"]), Decimal(event["annual_income"])
    application = str(event["application_id"])
    reference = hashlib.sha256(application.encode()).hexdigest()[:12]
    return {
        "application_id": application,
        "cleared": amount <= income * PLAUSIBLE_YEARS,
        "reference": f"fc-{reference}",
    }


def _answer(callback_id: str, report: dict[str, Any] | None) -> str:
    if report is None:
        error = {"ErrorType": "Unreadable", "ErrorMessage": "The application could not be checked"}
        lambdas().send_durable_execution_callback_failure(CallbackId=callback_id, Error=error)  # type: ignore[arg-type]
        return "failure"
    lambdas().send_durable_execution_callback_success(CallbackId=callback_id, Result=json.dumps(report).encode())
    return "report"

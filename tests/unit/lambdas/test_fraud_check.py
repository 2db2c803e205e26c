"""The fraud check answers by callback: a report, a failure, or nothing where that is simulated."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions import fraud_check

EVENT = {
    "callback_id": "cb-1",
    "application_id": "L-1",
    "annual_income": "90000",
    "loan_amount": "20000",
    "loan_purpose": "Kitchen",
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What Lambda was sent, in order."""
    monkeypatch.delenv("ALLOW_FAILURE_INJECTION", raising=False)
    calls: list[dict[str, Any]] = []
    record = SimpleNamespace(
        send_durable_execution_callback_success=lambda **call: calls.append(call),
        send_durable_execution_callback_failure=lambda **call: calls.append(call),
    )
    monkeypatch.setattr(fraud_check, "lambdas", lambda: record)
    return calls


def test_a_plausible_application_is_cleared(sent: list[dict[str, Any]]) -> None:
    assert fraud_check.handler(EVENT, None) == {"answer": "report"}
    report = json.loads(sent[0]["Result"])
    assert (report["application_id"], report["cleared"]) == ("L-1", True)


def test_a_sum_of_a_hundred_yearly_incomes_is_not(sent: list[dict[str, Any]]) -> None:
    fraud_check.handler(EVENT | {"loan_amount": "9000000"}, None)

    assert json.loads(sent[0]["Result"])["cleared"] is False


@pytest.mark.parametrize("change", [{"loan_amount": None}, {"annual_income": "much"}])
def test_an_application_that_cannot_be_read_fails_the_callback(
    sent: list[dict[str, Any]], change: dict[str, Any]
) -> None:
    assert fraud_check.handler(EVENT | change, None) == {"answer": "failure"}
    assert sent[0]["Error"]["ErrorType"] == "Unreadable"


@pytest.mark.parametrize(
    ("purpose", "answer"), [(fraud_check.SILENT, "none"), (fraud_check.FAILING, "failure"), ("Kitchen", "report")]
)
def test_33_failures_are_simulated_only_where_the_stack_allows_it(
    sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, purpose: str, answer: str
) -> None:
    assert fraud_check.handler(EVENT | {"loan_purpose": purpose}, None) == {"answer": "report"}
    monkeypatch.setenv("ALLOW_FAILURE_INJECTION", "true")
    assert fraud_check.handler(EVENT | {"loan_purpose": purpose}, None) == {"answer": answer}


@pytest.mark.parametrize(("code", "late"), [("CallbackTimeoutException", True), ("TooManyRequestsException", False)])
def test_a_late_answer_is_no_error_and_an_outage_is(monkeypatch: pytest.MonkeyPatch, code: str, *, late: bool) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": code}}, "Send")

    record = SimpleNamespace(send_durable_execution_callback_success=refuse)
    monkeypatch.setattr(fraud_check, "lambdas", lambda: record)
    if late:
        assert fraud_check.handler(EVENT, None) == {"answer": "late"}
    else:
        with pytest.raises(ClientError):
            fraud_check.handler(EVENT, None)


def test_24_no_log_shows_the_callback_id(sent: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    fraud_check.handler(EVENT, None)

    assert "cb-1" not in capsys.readouterr().out

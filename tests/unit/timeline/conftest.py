"""Threads that start together, and AWS's histories as a stub of botocore gives them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from botocore.stub import Stubber
from django.db import connection

from approvals.aws import clients
from approvals.timeline import reading
from tests.unit.actions.conftest import at_once
from tests.unit.timeline.histories import Event

__all__ = ["at_once"]
ARN = "arn:aws:lambda:us-east-1:000000000000:function:expense:1/durable-execution/expense-test/0001"


class Lambda:
    """What AWS is asked and answers. Every call must be one that was foreseen, and be made outside transactions."""

    def __init__(self, stubber: Stubber) -> None:
        self._stubber = stubber
        self.in_transaction: list[bool] = []

    def gives(self, *pages: Sequence[Event], goes_on: bool = False) -> None:
        """Foresee one reading of these pages; ``goes_on``: the last names one more."""
        for number, events in enumerate(pages):
            marker = {"Marker": f"page-{number}"} if number else {}
            asked = {"DurableExecutionArn": ARN, "IncludeExecutionData": True, "MaxItems": 1000, **marker}
            more = {"NextMarker": f"page-{number + 1}"} if goes_on or number + 1 < len(pages) else {}
            answer: dict[str, Any] = {"Events": [as_sent(one) for one in events], **more}
            self._stubber.add_response("get_durable_execution_history", answer, asked)

    def refuses(self, code: str, status: int, message: str = "no") -> None:
        """Foresee one call that fails."""
        self._stubber.add_client_error("get_durable_execution_history", code, message, status)

    @property
    def is_done(self) -> bool:
        """Whether all that was foreseen was asked."""
        return not self._stubber._queue  # type: ignore[attr-defined]


def as_sent(event: Event) -> Event:
    """An event with what the service's model demands and the local runner leaves out."""
    told = dict(event)
    for kind in ("StepSucceeded", "StepFailed"):
        if f"{kind}Details" in told:
            told[f"{kind}Details"] = {"RetryDetails": {}} | told[f"{kind}Details"]
    if told["EventType"] == "InvocationCompleted":
        at = told["EventTimestamp"]
        told["InvocationCompletedDetails"] = {"StartTimestamp": at, "EndTimestamp": at, "RequestId": "r"}
    return told


@pytest.fixture
def aws_lambda(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    """Lambda's histories for one test."""
    clients.forget()
    with Stubber(clients.functions()) as stubber:
        double = Lambda(stubber)
        ask: Callable[..., Any] = reading.get_history_page

        def noting(*args: Any) -> Any:
            double.in_transaction.append(connection.in_atomic_block)
            return ask(*args)

        monkeypatch.setattr(reading, "get_history_page", noting)
        yield double
    clients.forget()
    assert not any(double.in_transaction)

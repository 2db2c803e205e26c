"""Items, notices, and the mirror that takes them."""

from collections.abc import Callable
from typing import Any

import pytest

from approvals.aws import queue
from approvals.mirror.intake import Intake, Taken
from tests.portal_cloud import Aws, aws, portal_ministack

__all__ = ["aws", "portal_ministack"]

type Take = Callable[[], Taken]


@pytest.fixture
def take(aws: Aws) -> Take:
    """Takes what the queue has now, as one batch."""
    intake = Intake()

    def once() -> Taken:
        messages = []
        while found := queue.receive(0):
            messages += found
        return intake.take(messages)

    return once


def notice(*items: dict[str, Any], table: str = "ApprovalRequests") -> dict[str, Any]:
    """The change notice of these items."""
    key = "approval_id" if table == "ApprovalRequests" else "run_name"
    return {"changes": [{"table": table, "key": item[key], "version": item["version"]} for item in items]}


def status_event(run_name: str, run_arn: str, status: str, at: str) -> dict[str, Any]:
    """EventBridge's event of an execution."""
    return {
        "version": "0",
        "id": "1",
        "detail-type": "Durable Execution Status Change",
        "source": "aws.lambda",
        "time": at,
        "detail": {
            "durableExecutionArn": run_arn,
            "durableExecutionName": run_name,
            "functionArn": run_arn.partition("/")[0],
            "status": status,
            "startTimestamp": at,
            "endTimestamp": at,
        },
    }

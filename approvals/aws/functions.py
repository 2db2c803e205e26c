"""Durable functions: start a run, wake it, ask how it stands, stop it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from approvals.aws.clients import functions
from approvals.aws.faults import AlreadyStarted, ask
from approvals.aws.secret import CallbackId

# The most that GetDurableExecutionHistory gives at once.
EVENTS_PER_PAGE = 1000


class Execution(StrEnum):
    """States of a durable execution (Lambda API, GetDurableExecution)."""

    RUNNING = "RUNNING"
    PAUSING = "PAUSING"
    PAUSED = "PAUSED"
    DELETING = "DELETING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    STOPPED = "STOPPED"

    @property
    def has_ended(self) -> bool:
        """Whether nothing runs any more."""
        return self in {Execution.SUCCEEDED, Execution.FAILED, Execution.TIMED_OUT, Execution.STOPPED}


@dataclass(frozen=True)
class RunState:
    """How an execution stands; ``error`` is what AWS says of a failure, in one line."""

    status: Execution
    error: str = ""


def start_run(alias_arn: str, run_name: str, payload: bytes) -> str:
    """Start a run and return its ARN. The same name with the same bytes gives the same run, so a retry is safe.

    Raises AlreadyStarted (the name is taken by another input) or another AwsError.
    """
    try:
        answer = ask(
            functions().invoke, "Start the run",
            FunctionName=alias_arn, InvocationType="Event", DurableExecutionName=run_name, Payload=payload,
        )  # fmt: skip
    except AlreadyStarted:
        raise AlreadyStarted(
            f"A run named {run_name} exists and was started with another input. Nothing was started."
        ) from None
    return answer.get("DurableExecutionArn", "")


def answer_callback(callback_id: CallbackId, verdict: Mapping[str, Any]) -> None:
    """Wake the workflow with a verdict. Raises Closed or another AwsError."""
    ask(
        functions().send_durable_execution_callback_success, "Answer the callback", callback_id,
        CallbackId=callback_id.reveal(), Result=_json(verdict),
    )  # fmt: skip


def fail_callback(callback_id: CallbackId, kind: str, message: str, data: Mapping[str, Any] | None = None) -> None:
    """Wake the workflow of a request that nobody will answer. Raises Closed or another AwsError."""
    error = {"ErrorType": kind, "ErrorMessage": message}
    if data is not None:
        error["ErrorData"] = _json(data).decode()
    ask(
        functions().send_durable_execution_callback_failure, "Fail the callback", callback_id,
        CallbackId=callback_id.reveal(), Error=error,
    )  # fmt: skip


def beat_callback(callback_id: CallbackId) -> None:
    """Say that somebody attends to the request, so that its attention deadline begins anew. Raises an AwsError."""
    ask(
        functions().send_durable_execution_callback_heartbeat, "Send a heartbeat", callback_id,
        CallbackId=callback_id.reveal(),
    )  # fmt: skip


def get_run(run_arn: str) -> RunState:
    """Ask how an execution stands. At most 30 calls a second in a region (Lambda quotas). Raises an AwsError."""
    answer = ask(
        functions().get_durable_execution, "Ask for the run", DurableExecutionArn=run_arn, IncludeExecutionData=False
    )
    error = answer.get("Error", {})
    text = ": ".join(filter(None, [error.get("ErrorType", ""), error.get("ErrorMessage", "")]))
    return RunState(Execution(answer["Status"]), " ".join(text.split()))


def get_history_page(run_arn: str, marker: str = "") -> tuple[list[dict[str, Any]], str]:
    """Return events of an execution in their order, with their data, and the next page's marker ("" after the last).

    At most 15 calls a second in a region, for everybody together (Lambda quotas). Raises an AwsError.
    """
    place: dict[str, Any] = {"Marker": marker} if marker else {}
    answer = ask(
        functions().get_durable_execution_history, "Read the run's history",
        DurableExecutionArn=run_arn, IncludeExecutionData=True, MaxItems=EVENTS_PER_PAGE, **place,
    )  # fmt: skip
    return [dict(event) for event in answer.get("Events", [])], answer.get("NextMarker") or ""


def stop_run(run_arn: str, reason: str) -> None:
    """Stop an execution; what it has done stays done. Raises an AwsError."""
    ask(
        functions().stop_durable_execution, "Stop the run",
        DurableExecutionArn=run_arn, Error={"ErrorType": "Stopped", "ErrorMessage": reason},
    )  # fmt: skip


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

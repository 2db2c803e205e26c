"""The timeline as far as the portal itself knows it, for when AWS cannot be asked or has forgotten."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from approvals.models import ApprovalRequest, Run
from approvals.timeline.history import moment
from approvals.timeline.story import Kind, Operation, State, Story

# How a settled request shows as an operation.
_ENDS = {"timeout": State.TIMED_OUT, "error": State.FAILED, "cancelled": State.CANCELLED}
_RUN_ENDS = {"failed": State.FAILED, "timed_out": State.TIMED_OUT, "cancelled": State.STOPPED}


def mirrored_story(run: Run, requests: Iterable[ApprovalRequest]) -> Story:
    """Return the run's lines of progress as instants and its requests as waits, in the order of their beginning."""
    operations = [one for one in map(_line, run.progress) if one is not None]
    operations += [_asking(one) for one in requests]
    operations.sort(key=lambda one: one.started)
    story = Story(operations, started=run.created_at)
    if run.has_ended:
        story.state, story.ended = _RUN_ENDS.get(run.status, State.DONE), run.updated_at
    return story


def _line(line: Any) -> Operation | None:
    at: datetime | None = moment(line.get("at")) if isinstance(line, dict) else None
    if at is None:
        return None
    state = State.FAILED if line.get("level") == "error" else State.DONE
    return Operation(Kind.STEP, at, "Progress", str(line.get("step") or ""), ended=at, state=state)


def _asking(request: ApprovalRequest) -> Operation:
    stage = request.approval_id.removeprefix(f"{request.run_name}.")
    asked = Operation(Kind.CONTEXT, request.created_at, "WaitForCallback", stage)
    if not request.is_pending:
        asked.state, asked.ended = _ENDS.get(request.status, State.DONE), request.settled_at or request.updated_at
    return asked

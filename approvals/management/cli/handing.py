"""Claiming, handing over and reminding from the command line."""

from typing import Any

from approvals.actions.claim import claim, release
from approvals.actions.handover import add_approver, reassign
from approvals.actions.nudge import nudge
from approvals.management.cli.person import faults_told, request_called
from approvals.models.clock import utc_text
from approvals.policy import Viewer


def hold(viewer: Viewer, approval_id: str, reason: str) -> dict[str, Any]:
    """Claim a request. Raises CommandError."""
    request = request_called(viewer, approval_id)
    with faults_told():
        held = claim(viewer, request.approval_id, reason)
    return {"approval_id": request.approval_id, "until": utc_text(held.until)}


def let_go(viewer: Viewer, approval_id: str) -> dict[str, Any]:
    """End the claim on a request. Raises CommandError."""
    request = request_called(viewer, approval_id)
    with faults_told():
        release(viewer, request.approval_id)
    return {"approval_id": request.approval_id, "until": None}


def pass_on(viewer: Viewer, approval_id: str, username: str, reason: str, *, is_added: bool) -> dict[str, Any]:
    """Ask somebody instead, or as well. Raises CommandError."""
    request = request_called(viewer, approval_id)
    with faults_told():
        done = (add_approver if is_added else reassign)(viewer, request.approval_id, username, reason)
    return {"approval_id": request.approval_id, "to": done.taker.username, "kind": done.kind}


def remind(viewer: Viewer, approval_id: str) -> dict[str, Any]:
    """Remind those whose turn it is. Raises CommandError."""
    request = request_called(viewer, approval_id)
    with faults_told():
        sent = nudge(viewer, request.approval_id)
    return {"approval_id": request.approval_id, "sent_at": utc_text(sent.sent_at)}

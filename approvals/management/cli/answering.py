"""Answering and withdrawing from the command line."""

from typing import Any

from django.core.management.base import CommandError

from approvals.actions.close import close_request, withdraw_unsent
from approvals.actions.decide import Ballot, decide
from approvals.management.cli.person import INVALID, faults_told, request_called
from approvals.management.cli.shown import MARK
from approvals.models import ApprovalRequest, Submission
from approvals.policy import Viewer


def answer(viewer: Viewer, request: ApprovalRequest, choice: str, reason: str, seen: str) -> dict[str, Any]:
    """Give one answer to what was shown under the mark ``seen``. Raises CommandError."""
    if len(seen) < MARK or not request.content_digest.startswith(seen):
        raise CommandError(
            f"The mark {seen!r} is not what `show` prints for this request now. Look again.",
            returncode=INVALID,
        )
    with faults_told():
        ballot = Ballot(choice, reason, request.version, request.content_digest)
        _, decision = decide(viewer, request.approval_id, ballot)
    return {
        "approval_id": request.approval_id,
        "answer": choice,
        "settled": decision is not None,
        "decision_id": str(decision.decision_id) if decision else None,
    }


def objection_to(request: ApprovalRequest, wanted: str) -> str:
    """Return the option that ``reject`` means: the one asked for, ``rejected``, or the only other one.

    Raises CommandError where that leaves a choice.
    """
    others = [str(option) for option in request.options if option != request.yes]
    if wanted:
        return wanted
    if "rejected" in others or len(others) == 1:
        return "rejected" if "rejected" in others else others[0]
    raise CommandError(f"Say which with --answer: {', '.join(others) or 'there is no other'}.", returncode=INVALID)


def take_back(viewer: Viewer, name: str, reason: str) -> dict[str, Any]:
    """Withdraw or cancel a request, or take back a submission that was not sent yet. Raises CommandError."""
    sent = Submission.objects.filter(ref=name.upper(), requester=viewer.user).first()
    with faults_told():
        if sent is not None:
            return {"ref": withdraw_unsent(viewer, sent).ref, "closed": "withdrawn"}
        request = request_called(viewer, name)
        decision = close_request(viewer, request.approval_id, reason)
    return {"approval_id": request.approval_id, "closed": decision.choice, "decision_id": str(decision.decision_id)}

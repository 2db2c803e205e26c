"""What an end is called: withdrawn by the requester, cancelled by an admin; and what a fault is, for whom."""

from collections.abc import Iterable, Mapping

from approvals.models import ApprovalRequest, Run

NOT_VALID = "The workflow got an answer that is not valid, so nothing was approved. An admin can see why."
NO_ANSWER = "The workflow could not get an answer, so nothing was approved. An admin can see why."
# How the workflow begins to tell of an answer that it cannot read (lambdas/hitl/settle.py).
UNREADABLE = ("An answer came that is not valid", "The request says")


def state_of(one: ApprovalRequest | Run) -> tuple[str, str]:
    """Return the state of a request or run for a badge, and what people call it."""
    said = one.decision if isinstance(one, ApprovalRequest) else one.result
    if one.status == "cancelled" and isinstance(said, Mapping) and said.get("decision") == "withdrawn":
        return "withdrawn", "Withdrawn"
    return one.status, one.get_status_display()


def fault_for(in_full: bool, fault: str, requests: Iterable[ApprovalRequest]) -> str:
    """Return why a run failed. Only the office (``in_full``) reads what was wrong with an answer."""
    failed = [one for one in requests if one.status == "error"]
    if in_full or not fault or not failed:
        return fault
    if how := failed[-1].orphaned:
        return f"{how} before anybody answered, so nothing was approved. An admin can see why."
    return NOT_VALID if any(mark in fault for mark in UNREADABLE) else NO_ANSWER

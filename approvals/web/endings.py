"""What an end is called: withdrawn by the requester, cancelled by an admin; and what a fault is, for whom."""

from collections.abc import Iterable, Mapping

from approvals.models import ApprovalRequest, Run
from approvals.web.terms import options_of, outcome_label

# What the workflow makes of people's answers: the first option is the yes.
ANSWERED = frozenset({"approved", "rejected"})
NOT_VALID = "The workflow got an answer that is not valid, so nothing was approved. An admin can see why."
NO_ANSWER = "The workflow could not get an answer, so nothing was approved. An admin can see why."
# How the workflow begins to tell of an answer that it cannot read (lambdas/hitl/settle.py).
UNREADABLE = ("An answer came that is not valid", "The request says")


def state_of(one: ApprovalRequest | Run) -> tuple[str, str]:
    """Return the state of a request or run for a badge, and what people call it."""
    said = one.decision if isinstance(one, ApprovalRequest) else one.result
    choice = said.get("decision") if isinstance(said, Mapping) else None
    if one.status == "cancelled" and choice == "withdrawn":
        return "withdrawn", "Withdrawn"
    if isinstance(one, ApprovalRequest) and one.status in ANSWERED and choice in one.options:
        return answer_of(one, str(choice))
    return one.status, one.get_status_display()


def answer_of(request: ApprovalRequest, choice: str) -> tuple[str, str]:
    """Return the same for an answer to a request: a yes, a no, or by its own word what is neither."""
    tone = {option.value: option.tone for option in options_of(request)}.get(choice, "")
    return {"yes": "approved", "no": "rejected"}.get(tone, choice), outcome_label(choice)


def fault_for(in_full: bool, fault: str, requests: Iterable[ApprovalRequest]) -> str:
    """Return why a run failed. Only the office (``in_full``) reads what was wrong with an answer."""
    failed = [one for one in requests if one.status == "error"]
    if in_full or not fault or not failed:
        return fault
    if how := failed[-1].orphaned:
        return f"{how} before anybody answered, so nothing was approved. An admin can see why."
    return NOT_VALID if any(mark in fault for mark in UNREADABLE) else NO_ANSWER

"""What an end is called: withdrawn by the requester, cancelled by an admin; and what a fault is, for whom."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from approvals.models import ApprovalRequest, Run
from approvals.web.labels import label
from approvals.web.terms import options_of, outcome_label

# What the workflow makes of people's answers: the first option is the yes.
ANSWERED = frozenset({"approved", "rejected"})
NOT_VALID = gettext_noop("The workflow got an answer that is not valid, so nothing was approved. An admin can see why.")
NO_ANSWER = gettext_noop("The workflow could not get an answer, so nothing was approved. An admin can see why.")
# How the run of an orphaned request ended (approvals.mirror.ended).
ORPHANING = {
    "The run finished": gettext_lazy(
        "The run finished before anybody answered, so nothing was approved. An admin can see why."
    ),
    "The run failed": gettext_lazy(
        "The run failed before anybody answered, so nothing was approved. An admin can see why."
    ),
    "The run reached its time limit": gettext_lazy(
        "The run reached its time limit before anybody answered, so nothing was approved. An admin can see why."
    ),
    "The run was stopped": gettext_lazy(
        "The run was stopped before anybody answered, so nothing was approved. An admin can see why."
    ),
}
# How a request that was not approved ends, for its requester.
ENDINGS = {
    "rejected": gettext_lazy("Rejected"),
    "timeout": gettext_lazy("Nobody answered in time"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "cancelled": gettext_lazy("Cancelled"),
    "error": gettext_lazy("Failed"),
}
# How the workflow begins to tell of an answer that it cannot read (lambdas/hitl/settle.py).
UNREADABLE = ("An answer came that is not valid", "The request says")


def state_of(one: ApprovalRequest | Run) -> tuple[str, str]:
    """Return the state of a request or run for a badge, and what people call it."""
    said = one.decision if isinstance(one, ApprovalRequest) else one.result
    choice = said.get("decision") if isinstance(said, Mapping) else None
    if one.status == "cancelled" and choice == "withdrawn":
        return "withdrawn", _("Withdrawn")
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
        return str(ORPHANING.get(how, NO_ANSWER))
    return _(NOT_VALID) if any(mark in fault for mark in UNREADABLE) else _(NO_ANSWER)


def ending(request: ApprovalRequest) -> str:
    """Return how a request ended: by the answer's name where there is one."""
    said = str((request.decision or {}).get("decision") or "")
    if request.orphaned:
        return _("Ended without an answer")
    if request.status in {"approved", "rejected"} and said:
        return outcome_label(said)
    state = state_of(request)[0]
    return str(ENDINGS[state]) if state in ENDINGS else label(state)

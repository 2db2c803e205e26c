"""How a request was closed, in a sentence for those who are told of it."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest
from approvals.models.groups import people_words
from approvals.models.mirror import RequestStatus
from approvals.models.people import one_for_another
from approvals.web.endings import NO_ANSWER
from approvals.web.formats import in_sentence
from approvals.web.states import run_ending
from approvals.web.terms import outcome_label


def decider(request: ApprovalRequest) -> str:
    """Return the username of who closed it, or nothing."""
    return str((request.decision or {}).get("decided_by") or "")


def how_it_ended(request: ApprovalRequest, name: Callable[[object], str]) -> str:
    """Say in a sentence how a request was closed."""
    decision, by = request.decision or {}, decider(request)
    choice = str(decision.get("decision") or "")
    if request.status == RequestStatus.TIMEOUT:
        onward = people_words(str(request.policy.get("escalates_to") or ""))
        told = _("Nobody answered in time; it went on to {onward}.") if onward else _("Nobody answered in time.")
        return told.format(onward=onward)
    if choice == "withdrawn":
        return _("{person} withdrew it.").format(person=name(by))
    if request.status == RequestStatus.CANCELLED:
        return _("{person} cancelled it.").format(person=name(by)) if by else _("It was cancelled.")
    if request.orphaned:
        return _("{how} before anybody answered. Nothing was approved.").format(how=run_ending(request.orphaned))
    if request.status == RequestStatus.ERROR or not by:
        return _(NO_ANSWER) if request.status == RequestStatus.ERROR else _("It is settled.")
    who = one_for_another(name(by), name(request.decided_for) if request.decided_for else None)
    return _("{person} answered: {answer}.").format(person=who, answer=in_sentence(outcome_label(choice)))

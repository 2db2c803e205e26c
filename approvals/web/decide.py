"""Answer a request, or close it without an answer."""

from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from approvals.actions.close import close_request
from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Invalid, Refused, Stale
from approvals.models import ApprovalRequest, AuditEvent, Decision, Vote
from approvals.models.content import content_of
from approvals.models.people import one_for_another
from approvals.models.sentence import Sentence
from approvals.policy import Viewer, may_decide
from approvals.web.access import LONG, get_request_for_viewer, posted
from approvals.web.answers import answer_given, answering
from approvals.web.changes import changes_between
from approvals.web.errors import bad_form
from approvals.web.formats import exact
from approvals.web.middleware import PortalRequest
from approvals.web.piles import address_after, address_in, pile_of
from approvals.web.requests import show
from approvals.web.snapshot import Shown, Tampered, unseal
from approvals.web.states import state_words
from approvals.web.terms import outcome_label, outcome_words


@posted
@never_cache
def decide_request(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Take the person's answer. It counts only for what they were shown."""
    item = get_request_for_viewer(request, approval_id, leave=LONG)
    choice, comment = request.POST.get("choice", ""), request.POST.get("comment", "")
    try:
        shown = unseal(request.viewer, approval_id, request.POST.get("shown", ""))
    except Tampered as fault:
        return _tampered(request, item, Sentence(fault.args[0]))
    if choice and choice not in item.options:
        why = gettext_lazy("The form offers an answer that this request does not take.")
        return _tampered(request, item, Sentence(why))
    given = None
    # The policy is asked in the action, under the lock; here only so that nobody else's form is looked at.
    if item.response_schema is not None and may_decide(request.viewer, item):
        given = answer_given(item, choice, request.POST)
    if given is not None and not given.is_valid():
        return _unfilled(request, item, shown)
    # Nothing filled in where nothing is needed is a plain answer.
    response = (given.response or None) if given is not None else None
    return _decide(request, item, Ballot(choice, comment, shown.version, shown.digest, response), shown)


def _unfilled(request: PortalRequest, item: ApprovalRequest, shown: Shown) -> HttpResponse:
    if shown.digest != item.content_digest:
        return _changed(request, item, shown)
    return _again(request, item, HTTPStatus.UNPROCESSABLE_ENTITY, {})


def _decide(request: PortalRequest, item: ApprovalRequest, ballot: Ballot, shown: Shown) -> HttpResponse:
    try:
        decide(request.viewer, item.approval_id, ballot)
    except Invalid as fault:
        return _again(request, item, HTTPStatus.UNPROCESSABLE_ENTITY, {fault.field: str(fault)})
    except Stale as fault:
        return _changed(request, fault.request, shown)
    except Refused as fault:
        return _refused(request, item, ballot.choice, fault)
    pile = pile_of(request)
    if not pile:
        return redirect("request", item.approval_id)
    # The page of the next one says it; at the end of the pile the receipt does.
    following = address_after(request.viewer, pile, item)
    if following is not None:
        messages.success(request, _("{outcome}: {title}.").format(outcome=outcome_label(ballot.choice), title=item))
    return redirect(following or address_in(item, pile))


def _again(request: PortalRequest, item: ApprovalRequest, status: HTTPStatus, errors: dict[str, str]) -> HttpResponse:
    typed = {"choice": request.POST.get("choice", ""), "comment": request.POST.get("comment", "")}
    if "choice" in errors and not typed["choice"]:
        errors = {"choice": _("Choose an answer first.")}
    return show(request, item, status, typed=typed, errors=errors, **answering(item, request.POST))


def _changed(request: PortalRequest, item: ApprovalRequest, shown: Shown) -> HttpResponse:
    changes = changes_between(shown.content, content_of(item))
    typed = {"choice": "", "comment": request.POST.get("comment", "")}
    return show(request, item, HTTPStatus.CONFLICT, typed=typed, changes=changes, **answering(item, request.POST))


def _refused(request: PortalRequest, item: ApprovalRequest, choice: str, fault: Refused) -> HttpResponse:
    if fault.answer.code in {"voted", "decided", "closed"} and gave(request.viewer, item, choice):
        # The second half of a double click: the answer stands as they gave it.
        return redirect("request", item.approval_id)
    item.refresh_from_db()
    typed = {"choice": choice, "comment": request.POST.get("comment", "")}
    return show(request, item, HTTPStatus.CONFLICT, refusal=who_won(request.viewer, item) or str(fault), typed=typed)


def gave(viewer: Viewer, item: ApprovalRequest, choice: str) -> bool:
    """Whether the person's own counted answer is this one."""
    return Vote.objects.filter(request=item, voter=viewer.user, choice=choice).exists()


def who_won(viewer: Viewer, item: ApprovalRequest) -> str:
    """Return who answered and when, in a sentence; empty while nobody has."""
    vote = Vote.objects.filter(request=item, voter=viewer.user).first()
    decision = Decision.objects.filter(request=item).select_related("decided_by", "for_person").first()
    if vote:
        return already(vote.choice, vote.created_at)
    if decision and decision.decided_by == viewer.user:
        return already(decision.choice, decision.decided_at)
    if decision:
        said = _("{person} was first: {answer} on {moment}. Your answer was not counted.")
        return said.format(
            person=decision.who, answer=outcome_words(decision.choice), moment=exact(decision.decided_at)
        )
    return "" if item.is_pending else closed_words(item)


def closed_words(item: ApprovalRequest) -> str:
    """Say how a request that was not answered here was closed."""
    by = str((item.decision or {}).get("decided_by") or "")
    by = one_for_another(by, item.decided_for) if by else ""
    if by and item.settled_at:
        said = _("This request is closed: {state} by {person} on {moment}. Your answer was not counted.")
    elif item.settled_at:
        said = _("This request is closed: {state} on {moment}. Your answer was not counted.")
    elif by:
        said = _("This request is closed: {state} by {person}. Your answer was not counted.")
    else:
        said = _("This request is closed: {state}. Your answer was not counted.")
    moment = exact(item.settled_at) if item.settled_at else ""
    return said.format(state=state_words(item), person=by, moment=moment)


def already(choice: str, moment: datetime) -> str:
    """Say that the answer that counts is the person's own."""
    said = _("You answered already, in another window: {answer}, {moment}. This answer was not counted.")
    return said.format(answer=outcome_words(choice), moment=exact(moment))


def _tampered(request: PortalRequest, item: ApprovalRequest, why: Sentence) -> HttpResponse:
    AuditEvent.objects.record(request.viewer.actor, "request.form_tampered", item, why)
    return bad_form(request, why)


@posted
@never_cache
def close(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Withdraw (requester) or cancel (admin) a request that will not be answered."""
    item = get_request_for_viewer(request, approval_id)
    reason = request.POST.get("reason", "")
    try:
        decision = close_request(request.viewer, approval_id, reason)
    except Invalid as fault:
        return show(request, item, HTTPStatus.UNPROCESSABLE_ENTITY, close_error=str(fault), close_reason=reason)
    except Refused as fault:
        item.refresh_from_db()
        if Decision.objects.filter(request=item, decided_by=request.viewer.user).exists():
            return redirect("request", approval_id)
        return show(request, item, HTTPStatus.CONFLICT, refusal=who_won(request.viewer, item) or str(fault))
    withdrawn = decision.choice == "withdrawn"
    messages.success(
        request, _("You have withdrawn this request.") if withdrawn else _("You have cancelled this request.")
    )
    return redirect("request", approval_id)

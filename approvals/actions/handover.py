"""Put a request to somebody else, or ask somebody as well; within whom the workflow asks, with a reason."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from approvals.actions.called import person_called
from approvals.actions.claim import end_lost_claim
from approvals.actions.decide import votes_on
from approvals.actions.errors import Invalid, Refused
from approvals.actions.refusals import refusals_recorded
from approvals.actions.steps import record, tell
from approvals.models import ApprovalRequest, EffectivePolicy, Handover, ReadMark, Topic, User
from approvals.models.names import name_of
from approvals.models.sentence import Sentence
from approvals.models.text import clean, one_line
from approvals.policy import Standing, Viewer, may_be_asked, may_hand_over

LONGEST_REASON = 500


def reassign(viewer: Viewer, approval_id: str, username: str, reason: str) -> Handover:
    """Put the request to this person instead. Raises Refused or Invalid (both recorded).

    Where one more answer passes the step, they alone are asked. Where several must agree, they take the place of the
    person who hands it over.
    """
    return _hand_over(viewer, approval_id, username, reason, is_added=False)


def add_approver(viewer: Viewer, approval_id: str, username: str, reason: str) -> Handover:
    """Ask this person as well: the step is not passed without them. Raises Refused or Invalid (both recorded)."""
    return _hand_over(viewer, approval_id, username, reason, is_added=True)


def _hand_over(viewer: Viewer, approval_id: str, username: str, reason: str, *, is_added: bool) -> Handover:
    action = "request.add_refused" if is_added else "request.reassign_refused"
    with refusals_recorded(viewer, action, f"request:{approval_id}", to=username[:150]), transaction.atomic():
        request = ApprovalRequest.objects.select_for_update().get(approval_id=approval_id)
        allowed = may_hand_over(viewer, request)
        if not allowed:
            raise Refused(allowed)
        taker = _taker(request, username)
        standing = Standing(request, EffectivePolicy.objects.under(request))
        kind = Handover.Kind.ADDED if is_added else _kind(viewer, standing, taker)
        return _store(viewer, standing, kind, taker, _reason(reason))


def _taker(request: ApprovalRequest, name: str) -> User:
    taker = person_called(name, "to", missing=_("Say whom to ask: write a full name or a username."))
    person = Viewer.of(taker)
    if not may_be_asked(person, request):
        raise Invalid("to", Sentence.told(lambda: may_be_asked(person, request).reason))
    return taker


def _reason(reason: str) -> str:
    text = one_line(clean(reason)).strip()
    if not text:
        raise Invalid("reason", _("Say why, so that they know what is wanted of them."))
    if len(text) > LONGEST_REASON:
        raise Invalid("reason", _("Keep the reason under {most} characters."), most=LONGEST_REASON)
    return text


def _kind(viewer: Viewer, standing: Standing, taker: User) -> Handover.Kind:
    """Return what a reassignment means in this step. Raises Invalid where it would change nothing or too much."""
    if taker.pk == viewer.user.pk and standing.answers_as(viewer):
        raise Invalid("to", _("It is put to you already."))
    votes = votes_on(standing.request)
    if standing.takes_one(votes):
        return Handover.Kind.ALONE
    if not standing.answers_as(viewer):
        said = _("Several must agree here: each hands over their own place. Ask somebody as well instead.")
        raise Invalid("to", said)
    if taker.username in standing.able(votes):
        raise Invalid("to", _("{person} is asked already. Choose somebody else."), person=name_of(taker))
    return Handover.Kind.PLACE


def _store(viewer: Viewer, standing: Standing, kind: Handover.Kind, taker: User, reason: str) -> Handover:
    request, own = standing.request, sorted(standing.answers_as(viewer))
    done = Handover.objects.create(
        request=request,
        step=standing.effective.step,
        kind=kind,
        giver=viewer.user if own and kind != Handover.Kind.ADDED else None,
        taker=taker,
        seats=own if kind == Handover.Kind.PLACE else [],
        by=viewer.user,
        reason=reason,
    )
    standing.effective.show_places()
    votes = votes_on(request)
    if standing.shortfall(votes):
        lacking = Sentence.told(lambda: standing.shortfall(votes))
        raise Invalid("to", _("Then nobody could pass this step. {why}"), why=lacking)
    action = "request.approver_added" if kind == Handover.Kind.ADDED else "request.reassigned"
    record(viewer.actor, action, standing, f"to {taker.username}: {reason}", to=taker.username, kind=kind)
    end_lost_claim(viewer, request)
    ReadMark.objects.filter(reader=taker, request=request).delete()  # What they are asked is new to them.
    tell(request, Topic.TURN, f"handover {done.pk}", handover=done.pk)
    return done

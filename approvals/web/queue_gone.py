"""Rows that were decided while somebody looked at them: they say so, and leave."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, Decision, EffectivePolicy, Vote
from approvals.models.queue import RequestQuerySet
from approvals.policy import Viewer
from approvals.web.endings import state_of
from approvals.web.queue_view import View
from approvals.web.terms import outcome_label


@dataclass(frozen=True)
class Gone:
    """A row on its way out."""

    pk: int
    title: str
    said: str
    is_gone: bool = True


def with_gone(view: View, rows: Sequence[ApprovalRequest], before: Sequence[int]) -> list[ApprovalRequest | Gone]:
    """Return the rows, and between them those that were there before and were answered or closed since."""
    missing = set(before) - {row.pk for row in rows}
    if not missing or not view.tab.is_waiting:
        return list(rows)
    gone = gone_of(view, missing)
    merged: list[ApprovalRequest | Gone] = list(rows)
    for place, pk in enumerate(before):
        if pk in gone:
            at = next((index for index, row in enumerate(merged) if row.pk in before[place + 1 :]), len(merged))
            merged.insert(at, gone[pk])
    return merged


def gone_of(view: View, missing: set[int]) -> dict[int, Gone]:
    """Return what became of those rows; one that merely moved to another page is not among them."""
    found = list(seen_by(view.viewer).filter(pk__in=missing).select_related("effective"))
    decisions = {
        one.request_id: one
        for one in Decision.objects.filter(request__in=found).select_related("decided_by", "for_person")
    }
    user = view.viewer.user
    votes = Vote.objects.filter(Q(voter=user) | Q(for_person=user), request__in=found).select_related("voter")
    own = {vote.request_id: vote for vote in votes}
    gone = {}
    for request in found:
        said = ending_of(view, request, decisions.get(request.pk), own.get(request.pk))
        if said:
            gone[request.pk] = Gone(request.pk, request.title or request.approval_id, said)
    return gone


def seen_by(viewer: Viewer) -> RequestQuerySet:
    """The requests that a list of what waits may have shown to the person."""
    requests = ApprovalRequest.objects.all()
    if viewer.sees_all:
        return requests
    put_to = {*viewer.audiences, *(one for scope in viewer.others for one in scope.audiences)}
    return requests.filter(audience__in=put_to)


def ending_of(view: View, request: ApprovalRequest, decision: Decision | None, vote: Vote | None) -> str:
    """Say why the request does not wait any more; empty while it does."""
    if decision is not None:
        outcome = outcome_label(decision.choice)
        if decision.decided_by == view.viewer.user:
            return _("{outcome} by you").format(outcome=outcome)
        return _("{outcome} by {person}").format(outcome=outcome, person=decision.who)
    if not request.is_pending:
        by = str((request.decision or {}).get("decided_by") or "")
        state = state_of(request)[1]
        return _("{outcome} by {person}").format(outcome=state, person=by) if by else state
    if vote is not None and vote.voter != view.viewer.user:
        return _("{deputy} has answered for you").format(deputy=vote.voter)
    if vote is not None:
        return _("You have answered")
    return _("The deadline has passed") if request.expires_at <= view.now or has_expired(request) else ""


def has_expired(request: ApprovalRequest) -> bool:
    """Whether the policy takes no more answers, while the workflow still waits."""
    effective = getattr(request, "effective", None)
    return effective is not None and effective.state == EffectivePolicy.State.EXPIRED

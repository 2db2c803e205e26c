"""Decide a request: the vote, and what it settles, in one transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.actions.claim import end_claims, end_lost_claim
from approvals.actions.errors import Invalid, Refused, Stale
from approvals.actions.refusals import refusals_recorded
from approvals.actions.steps import next_step
from approvals.models import Actor, ApprovalRequest, AuditEvent, Decision, Delivery, Notification, SearchDue, Vote
from approvals.models.clock import utc_text
from approvals.models.people import User
from approvals.models.sentence import grouped
from approvals.models.text import clean
from approvals.policy import Acting, Standing, Viewer, acting_for, may_decide, tally

LONGEST_COMMENT = 4000
# The workflow takes no verdict beyond 60,000 characters, comment and all.
LONGEST_RESPONSE = 40_000
# Closings, and states that only the workflow sets: no vote may say these, whatever a producer offers.
RESERVED = frozenset({"withdrawn", "cancelled", "timeout", "error", "pending"})


@dataclass(frozen=True)
class Ballot:
    """One answer, and what the person had before them when they gave it."""

    choice: str
    comment: str
    shown_version: int
    shown_digest: str
    response: dict[str, Any] | None = None
    """The structured answer, in JSON values, where the request asks for one."""


def decide(viewer: Viewer, approval_id: str, ballot: Ballot) -> tuple[Vote, Decision | None]:
    """Store the vote; if it settles the request, also the decision and its delivery.

    Raises Refused (the policy says no; recorded), Invalid (no such option, reason missing) or Stale (content changed).
    """
    ballot = replace(ballot, comment=clean(ballot.comment).strip())
    recorded = refusals_recorded(viewer, "request.vote_refused", f"request:{approval_id}", choice=ballot.choice[:40])
    with recorded, transaction.atomic():
        return _decide(viewer, approval_id, ballot)


def _decide(viewer: Viewer, approval_id: str, ballot: Ballot) -> tuple[Vote, Decision | None]:
    request = ApprovalRequest.objects.select_for_update().get(approval_id=approval_id)
    # One moment for both questions: an absence may end between them.
    now = timezone.now()
    allowed, acting = may_decide(viewer, request, now), acting_for(viewer, request, now)
    if not allowed:
        raise Refused(allowed)
    check(request, ballot)
    end_claims(request, viewer.user)
    standing = Standing.of(request)
    vote = _vote(viewer, request, ballot, standing, acting)
    if ballot.comment:
        SearchDue.objects.mark([approval_id])
    votes = votes_on(request)
    settled = _settled(viewer, request, votes, standing)
    if settled is None:
        # A deputy's answer takes the place of the one who is away, and the other way about.
        end_lost_claim(viewer, request)
        return vote, None
    response = agreed_response(request, votes, ballot.response) if settled == request.yes else ballot.response
    return vote, leave_decision(viewer, request, settled, ballot.comment, votes, response=response, acting=acting)


def _vote(
    viewer: Viewer, request: ApprovalRequest, ballot: Ballot, standing: Standing | None, acting: Acting | None
) -> Vote:
    policy = standing.as_recorded() if standing else request.policy
    vote = Vote.objects.create(
        request=request,
        voter=viewer.user,
        for_person=acting.person if acting else None,
        choice=ballot.choice,
        comment=ballot.comment,
        response=ballot.response,
        policy=policy,
        policy_version=standing.effective.version if standing else None,
        step=standing.effective.step if standing else None,
        seats=sorted(standing.answers_as(acting.holder if acting else viewer)) if standing else [],
        shown_version=ballot.shown_version,
        content_digest=ballot.shown_digest,
    )
    AuditEvent.objects.record(
        viewer.actor, "request.voted", request, ": ".join(filter(None, [ballot.choice, ballot.comment])),
        choice=ballot.choice, shown_version=ballot.shown_version, digest=ballot.shown_digest, policy=policy,
        **for_whom(vote.for_person), **amounts_in(request, ballot.response),
    )  # fmt: skip
    Notification.objects.answered(request, viewer.user, vote.holder)
    return vote


def for_whom(person: User | None) -> dict[str, str]:
    """Return what the record and the item say of an answer that somebody gave for this person."""
    return {"for": person.username} if person else {}


def _settled(viewer: Viewer, request: ApprovalRequest, votes: list[Vote], standing: Standing | None) -> str | None:
    """Return what the votes settle on, if anything; pass on to the next step where this one is done."""
    if standing is None:
        return tally(request.required, (each.choice for each in votes), request.yes)
    outcome = standing.outcome(votes)
    if outcome.passed:
        next_step(viewer.actor, standing, votes)
    return outcome.settled


def check(request: ApprovalRequest, ballot: Ballot) -> None:
    """Refuse a ballot that cannot be counted."""
    options = [option for option in request.options if option not in RESERVED]
    if ballot.choice not in options:
        raise Invalid("choice", _("Choose one of: {options}."), options=", ".join(options))
    if ballot.choice != request.yes and not ballot.comment:
        raise Invalid("comment", _("Say why, so that the requester knows what to do next."))
    if len(ballot.comment) > LONGEST_COMMENT:
        raise Invalid("comment", _("Keep the reason under {most} characters."), most=grouped(LONGEST_COMMENT))
    if ballot.shown_digest != request.content_digest:
        raise Stale(request)
    check_response(request, ballot)


def takes_response(request: ApprovalRequest, choice: str) -> bool:
    """Whether the workflow takes a structured answer beside this one: beside all but a plain rejection."""
    return request.response_schema is not None and choice != "rejected"


def needs_response(request: ApprovalRequest, choice: str) -> bool:
    """Whether the workflow takes this answer only with the structured one: some field of it is needed."""
    return takes_response(request, choice) and bool((request.response_schema or {}).get("required"))


def check_response(request: ApprovalRequest, ballot: Ballot) -> None:
    """Refuse a structured answer where none is taken, the lack of one, and one that would not travel."""
    if ballot.response is None:
        if needs_response(request, ballot.choice):
            raise Invalid("response", _("This request is answered by a form; fill it in on its page in the portal."))
        return
    if not takes_response(request, ballot.choice):
        raise Invalid("response", _("This answer takes no form."))
    if amount_in(request, ballot.response) is not None and ballot.choice != request.yes:
        raise Invalid("response", _("Only an approval names an amount."))
    if len(json.dumps(ballot.response)) > LONGEST_RESPONSE:
        raise Invalid("response", _("Keep the whole form under {most} characters."), most=grouped(LONGEST_RESPONSE))


def amount_in(request: ApprovalRequest, response: Mapping[str, Any] | None) -> Decimal | None:
    """Return the amount that an answer to a request about money names beside the yes.

    Raises Invalid for more than was asked, and for what is no amount.
    """
    named = (response or {}).get("amount")
    if request.amount is None or named is None:
        return None
    amount = Decimal(str(named)) if isinstance(named, int | float) and not isinstance(named, bool) else Decimal("NaN")
    if not (amount.is_finite() and 0 < amount <= request.amount):
        most = f"{request.amount.normalize():f} {request.currency}"
        raise Invalid(
            "response", _("Approve more than nothing, and at most the {most} that were asked for."), most=most
        )
    return amount


def amounts_in(request: ApprovalRequest, response: Mapping[str, Any] | None) -> dict[str, str]:
    """Return what the record keeps of an amount named beside a yes."""
    allowed = amount_in(request, response)
    if allowed is None:
        return {}
    return {"allowed": f"{allowed:f}", "asked": f"{request.amount:f}", "currency": request.currency}


def agreed_response(request: ApprovalRequest, votes: Sequence[Vote], response: dict[str, Any] | None) -> Any:
    """Return the structured answer that several yes votes agree on: the last one's, with the lowest amount of all."""
    named = [vote.response for vote in votes if amount_in(request, vote.response) is not None]
    lowest = min(named, key=lambda one: amount_in(request, one) or 0, default=None)
    return response if lowest is None else {**(response or {}), "amount": lowest["amount"]}


def votes_on(request: ApprovalRequest) -> list[Vote]:
    """Return the votes with their voters, oldest first."""
    return list(request.votes.select_related("voter", "for_person"))


def leave_decision(
    viewer: Viewer,
    request: ApprovalRequest,
    choice: str,
    comments: str,
    votes: Sequence[Vote],
    *,
    response: dict[str, Any] | None = None,
    actor: Actor | None = None,
    acting: Acting | None = None,
) -> Decision:
    """Record the one decision of the request, and leave its delivery to AWS behind.

    ``actor`` is who the record says did it, where that is not the viewer; ``acting`` says for whom the viewer did.
    """
    user: User = viewer.user
    standing = Standing.of(request)
    end_claims(request)
    decision = Decision.objects.create(
        request=request,
        choice=choice,
        comments=comments,
        response=response,
        policy_version=standing.effective.version if standing else None,
        decided_by=user,
        for_person=acting.person if acting else None,
        decided_at=timezone.now(),
    )
    Delivery.objects.enqueue(
        key=f"decision:{decision.decision_id}",
        kind=Delivery.Kind.DECISION,
        decision=decision,
        payload=json.dumps(as_item(decision, votes), sort_keys=True),
        next_try_at=timezone.now(),
    )
    AuditEvent.objects.record(
        actor or viewer.actor,
        "request.decided",
        request,
        f"{choice} by {user.username}{f' for {acting.person.username}' if acting else ''}",
        **for_whom(decision.for_person),
        decision_id=str(decision.decision_id),
        policy=standing.as_recorded() if standing else request.policy,
    )
    return decision


def as_item(decision: Decision, votes: Sequence[Vote]) -> dict[str, object]:
    """Return the decision as the item holds it (design.md §4)."""
    item: dict[str, object] = {
        "decision_id": str(decision.decision_id),
        "decision": decision.choice,
        "comments": decision.comments,
        "decided_by": decision.decided_by.username,
        "decided_at": utc_text(decision.decided_at),
        "votes": [
            {
                "by": vote.voter.username,
                **for_whom(vote.for_person),
                "decision": vote.choice,
                "comments": vote.comment,
                "at": utc_text(vote.created_at),
            }
            for vote in votes
        ],
    }
    return item if decision.response is None else {**item, "response": decision.response}

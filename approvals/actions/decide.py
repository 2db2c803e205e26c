"""Decide a request: the vote, and what it settles, in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from approvals.actions.errors import Invalid, Refused, Stale
from approvals.actions.refusals import refusals_recorded
from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery, Notification, Vote
from approvals.models.clock import utc_text
from approvals.models.people import User
from approvals.models.text import clean
from approvals.policy import Viewer, may_decide, tally

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
    allowed = may_decide(viewer, request)
    if not allowed:
        raise Refused(allowed)
    check(request, ballot)
    vote = Vote.objects.create(
        request=request,
        voter=viewer.user,
        choice=ballot.choice,
        comment=ballot.comment,
        response=ballot.response,
        policy=request.policy,
        shown_version=ballot.shown_version,
        content_digest=ballot.shown_digest,
    )
    AuditEvent.objects.record(
        viewer.actor, "request.voted", request, ": ".join(filter(None, [ballot.choice, ballot.comment])),
        choice=ballot.choice, shown_version=ballot.shown_version, digest=ballot.shown_digest, policy=request.policy,
    )  # fmt: skip
    Notification.objects.answered(request, viewer.user)
    votes = votes_on(request)
    settled = tally(request.required, (each.choice for each in votes), request.yes)
    if settled is None:
        return vote, None
    return vote, leave_decision(viewer, request, settled, ballot.comment, votes, response=ballot.response)


def check(request: ApprovalRequest, ballot: Ballot) -> None:
    """Refuse a ballot that cannot be counted."""
    options = [option for option in request.options if option not in RESERVED]
    if ballot.choice not in options:
        raise Invalid("choice", f"Choose one of: {', '.join(options)}.")
    if ballot.choice != request.yes and not ballot.comment:
        raise Invalid("comment", "Say why, so that the requester knows what to do next.")
    if len(ballot.comment) > LONGEST_COMMENT:
        raise Invalid("comment", f"Keep the reason under {LONGEST_COMMENT:,} characters.")
    if ballot.shown_digest != request.content_digest:
        raise Stale(request)
    check_response(request, ballot)


def needs_response(request: ApprovalRequest, choice: str) -> bool:
    """Whether the workflow takes this answer only with the structured one: all but a plain rejection."""
    return request.response_schema is not None and choice != "rejected"


def check_response(request: ApprovalRequest, ballot: Ballot) -> None:
    """Refuse a structured answer where none is taken, the lack of one, and one that would not travel."""
    if ballot.response is None:
        if needs_response(request, ballot.choice):
            raise Invalid("response", "This request is answered by a form; fill it in on its page in the portal.")
        return
    if not needs_response(request, ballot.choice):
        raise Invalid("response", "This answer takes no form.")
    if len(json.dumps(ballot.response)) > LONGEST_RESPONSE:
        raise Invalid("response", f"Keep the whole form under {LONGEST_RESPONSE:,} characters.")


def votes_on(request: ApprovalRequest) -> list[Vote]:
    """Return the votes with their voters, oldest first."""
    return list(request.votes.select_related("voter"))


def leave_decision(
    viewer: Viewer,
    request: ApprovalRequest,
    choice: str,
    comments: str,
    votes: Sequence[Vote],
    *,
    response: dict[str, Any] | None = None,
) -> Decision:
    """Record the one decision of the request, and leave its delivery to AWS behind."""
    user: User = viewer.user
    decision = Decision.objects.create(
        request=request,
        choice=choice,
        comments=comments,
        response=response,
        decided_by=user,
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
        viewer.actor,
        "request.decided",
        request,
        f"{choice} by {user.username}",
        decision_id=str(decision.decision_id),
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
                "decision": vote.choice,
                "comments": vote.comment,
                "at": utc_text(vote.created_at),
            }
            for vote in votes
        ],
    }
    return item if decision.response is None else {**item, "response": decision.response}

"""How a request stands, for the terminal: policy and step, the answers so far, who is on it, and until when."""

from typing import Any

from django.utils import timezone

from approvals.actions.safe_default import safe_answer
from approvals.models import ApprovalRequest, Claim, Handover, Vote
from approvals.models.clock import utc_text
from approvals.policy import Standing
from approvals.policy.wording import deadline_words, needed_words, people_words, title_words
from approvals.web.endings import ANSWERED
from approvals.web.states import state_words
from approvals.web.terms import outcome_words


def status_of(request: ApprovalRequest) -> str:
    """Return the state by the answer's own word where there is one: ``sent back`` is no rejection."""
    choice = request.decision.get("decision") if isinstance(request.decision, dict) else None
    if request.status in ANSWERED and choice:
        return outcome_words(str(choice))
    return request.status if request.is_pending else state_words(request)


def deadline_of(request: ApprovalRequest) -> str:
    """Return until when those asked have time, and until when the workflow waits where that is longer."""
    if not request.is_pending:
        return ""
    last = f"{request.expires_at:%Y-%m-%d %H:%M} UTC"
    if request.answer_by == request.expires_at:
        return last
    return f"{request.answer_by:%Y-%m-%d %H:%M} UTC, the policy's; the workflow itself waits until {last}"


def asked_in(request: ApprovalRequest) -> dict[str, Any]:
    """Return whom the request is put to: by the step of its policy, with the workflow's own terms beside it."""
    floor, standing = f"{request.asked or 'nobody'}; {request.required} needed", Standing.of(request)
    if standing is None:
        return {"Put to": floor}
    step, effective = standing.step, standing.effective
    place = f"step {effective.step + 1} of {len(standing.terms.steps)}, {title_words(step)}"
    return {
        "Policy": f"{effective} ({effective.because})",
        "Put to": f"{place}: {people_words(step)}; {needed_words(step)}",
        "Asked since": [_handed(each) for each in request.handovers.select_related("giver", "taker", "by")],
        "Step's end": deadline_words(standing.terms, safe_answer(standing)) if request.is_pending else "",
        "Besides": f"the workflow asks {floor}",
    }


def _handed(each: Handover) -> str:
    way = {"added": "is asked as well", "alone": "is asked instead"}.get(each.kind, f"is asked for {each.giver}")
    return f"{each.taker} {way}, by {each.by}: {each.reason}"


def answers_so_far(request: ApprovalRequest) -> list[str]:
    """Return who has answered what."""
    votes = Vote.objects.filter(request=request).select_related("voter", "for_person")
    return [f"{vote.who}: {outcome_words(vote.choice)}" for vote in votes]


def holder_of(request: ApprovalRequest) -> str:
    """Return who says to be on it, until when and why."""
    held = Claim.objects.on(request, timezone.now()) if request.is_pending else None
    if held is None:
        return ""
    why = f": {held.reason}" if held.reason else ""
    return f"{held.holder} is on it until {held.until:%Y-%m-%d %H:%M} UTC{why}"


def as_data(request: ApprovalRequest) -> dict[str, Any]:
    """Return answers and claim for machines."""
    votes = Vote.objects.filter(request=request).select_related("voter", "for_person")
    held = Claim.objects.on(request, timezone.now()) if request.is_pending else None
    return {
        "answers": [
            {
                "username": vote.voter.username,
                "for": vote.for_person.username if vote.for_person else None,
                "choice": vote.choice,
                "at": utc_text(vote.created_at),
            }
            for vote in votes
        ],
        "claim": {"holder": held.holder.username, "until": utc_text(held.until)} if held else None,
    }

"""Do what policies say when the time of a step is over: remind, ask others as well, take no more, answer safely."""

from django.db import transaction
from django.utils import timezone

from approvals.actions.safe_default import answer_by_default
from approvals.actions.steps import POLICY, record, tell
from approvals.models import ApprovalRequest, Decision, EffectivePolicy, Topic
from approvals.models.terms import ON_DEADLINE, AtDeadline
from approvals.policy import Standing

AT_A_TIME = 100


def pass_due() -> int:
    """Do what the policies say about every step whose time is over; return how many there were. One transaction each.

    Any number may do this at once: the request's row is locked, and a step that somebody has dealt with is not due.
    """
    due = list(EffectivePolicy.objects.due(timezone.now()).values_list("request_id", flat=True)[:AT_A_TIME])
    return sum(_pass(request_id) for request_id in due)


@transaction.atomic
def _pass(request_id: int) -> bool:
    request = ApprovalRequest.objects.select_for_update().get(pk=request_id)
    effective = EffectivePolicy.objects.due(timezone.now()).filter(request=request).first()
    if effective is None:
        return False
    if not request.is_pending or Decision.objects.filter(request=request).exists():
        effective.stay_open()
    else:
        _over(Standing(request, effective))
    return True


def show_anew() -> int:
    """Let the queue say until when a step has time where it says otherwise; return of how many. One transaction each.

    Whatever opens, passes or ends a step says so itself. What a portal of a former version did while this one's tables
    were made is left.
    """
    wrong = list(EffectivePolicy.objects.shown_otherwise().values_list("request_id", flat=True))
    return sum(_show_anew(request_id) for request_id in wrong)


@transaction.atomic
def _show_anew(request_id: int) -> bool:
    request = ApprovalRequest.objects.select_for_update().get(pk=request_id)
    effective = EffectivePolicy.objects.shown_otherwise().filter(request=request).first()
    if effective is not None:
        effective.show_time()
    return effective is not None


def _over(standing: Standing) -> None:
    effective, terms = standing.effective, standing.terms
    if terms.at_deadline == AtDeadline.REMIND:
        mark, (_, ends) = effective.mark(ON_DEADLINE), effective.span
        effective.stay_open()
        over = standing.step.title
        record(POLICY, "request.step_due", standing, f"{over}: its time is over; it stays open", step=over)
        # By the mark of the schedule's own moment: whoever comes first, it is told once.
        tell(standing.request, Topic.REMINDER, mark, mark=mark, due=ends.isoformat())
    elif terms.at_deadline == AtDeadline.ESCALATE and not standing.is_escalated:
        effective.escalate(timezone.now())
        seats = terms.escalation.seats
        record(POLICY, "request.step_escalated", standing, f"Also asked now: {', '.join(seats)}", seats=list(seats))
        said = {"step_end": "escalated", "before": standing.step.seats, "asked": seats}
        tell(standing.request, Topic.TURN, effective.mark("begins"), **said)
        tell(standing.request, Topic.OUTCOME, effective.mark("begins"), **said)
    elif terms.at_deadline != AtDeadline.DEFAULT or not answer_by_default(standing, POLICY):
        _expire(standing)


def _expire(standing: Standing) -> None:
    """Take no more answers, and have those told who were asked for one, and the requester."""
    effective, over = standing.effective, standing.step.title
    said = {"step_end": "expired", "before": standing.step.seats}
    effective.expire()
    record(POLICY, "request.step_expired", standing, f"{over}: its time is over; no more answers", step=over)
    tell(standing.request, Topic.OVER, effective.mark("begins"), **said)
    tell(standing.request, Topic.OUTCOME, effective.mark("begins"), **said)

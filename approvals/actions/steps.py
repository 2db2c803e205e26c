"""Pass a request on to the next step of its policy."""

import logging
from typing import Any

from django.utils import timezone
from django.utils.translation import override

from approvals.actions.claim import end_claims
from approvals.models import Actor, ApprovalRequest, AuditEvent, Occasion, Topic, Vote
from approvals.models.sentence import RECORDED_IN
from approvals.policy import Standing

log = logging.getLogger(__name__)

POLICY = Actor.system("policy")


def next_step(actor: Actor, standing: Standing, votes: list[Vote]) -> None:
    """Begin the next step, in the transaction of the answer that passed this one."""
    effective, now = standing.effective, timezone.now()
    passed = standing.step.title
    end_claims(standing.request)
    effective.enter(effective.step + 1, now)
    now_asked = standing.step.title
    record(actor, "request.step_passed", standing, f"{passed} agreed; now {now_asked}", passed=passed, now=now_asked)
    note_shortfall(standing, votes)
    tell(standing.request, Topic.TURN)


def note_shortfall(standing: Standing, votes: list[Vote]) -> None:
    """Put it on the record that nobody can pass the step as things are: an admin has to help."""
    with override(RECORDED_IN):
        lacking = standing.shortfall(votes)
    if lacking:
        log.warning("request %s: %s", standing.request.approval_id, lacking)
        record(POLICY, "request.step_blocked", standing, lacking)


def tell(request: ApprovalRequest, topic: Topic, moment: str = "", **data: Any) -> None:
    """Have people told what is new about the request: whose turn it is now, or what the end of a step's time means.

    The same ``moment`` of a request is told once; without one it is this very moment.
    """
    cause = f"{request.approval_id}:{moment or timezone.now().isoformat()}"
    Occasion.objects.leave(topic, request.approval_id, cause=cause, **data)


def record(actor: Actor, action: str, standing: Standing, summary: str, **data: object) -> None:
    """Put it on the record, with what the request stands under."""
    AuditEvent.objects.record(actor, action, standing.request, summary, policy=standing.as_recorded(), **data)

"""Notice a request that nobody can answer, where its people are resolved anyway, and have admins told of it once."""

import logging

from approvals.models import Actor, ApprovalRequest, AuditEvent, Occasion, Topic
from approvals.models.notifying import ASKING
from approvals.policy import Batch, Standing
from approvals.policy.answerable import noticed_as, why_nobody_can

log = logging.getLogger(__name__)

NOTIFIER = Actor.system("notifier")


def notice(occasion: Occasion, request: ApprovalRequest, batch: Batch) -> None:
    """Look whether anybody is left to answer, after all who may were told; in the transaction that told the last.

    Where enough people were told just now and no policy refines the request, there is nothing to ask.
    """
    if occasion.topic not in ASKING or (request.waits_for_id is None and len(batch.people) >= request.required):
        return
    why = why_nobody_can(request, list(request.votes.select_related("voter")))
    if not why:
        return
    standing = Standing.of(request)
    cause = noticed_as(request, standing.effective.step if standing else 0)
    # The request's row is locked, so the look and the line are one.
    if Occasion.objects.filter(cause=f"{Topic.OFFICE.value}:{cause}").exists():
        return
    log.warning("request %s: %s", request.approval_id, why)
    # Whoever began the step has said so, where it was so from its beginning.
    if not AuditEvent.objects.about(request).filter(action="request.step_blocked", summary=why).exists():
        AuditEvent.objects.record(NOTIFIER, "request.unanswerable", request, why)
    Occasion.objects.leave(Topic.OFFICE, request.approval_id, cause=cause, unanswerable=True)

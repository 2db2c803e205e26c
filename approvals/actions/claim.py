"""Say that one is on a request, and stop saying so. While it holds, the workflow hears that somebody attends to it."""

import json
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.actions.errors import Invalid, Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import ApprovalRequest, AuditEvent, Claim, Delivery, User
from approvals.models.clock import utc_text
from approvals.models.text import clean, one_line
from approvals.policy import Viewer, may_claim, may_decide, may_release

LONGEST_REASON = 200


def claim(viewer: Viewer, approval_id: str, reason: str = "") -> Claim:
    """Claim the request, or hold one's own claim for longer. Raises Refused or Invalid (both recorded)."""
    with refusals_recorded(viewer, "request.claim_refused", f"request:{approval_id}"), transaction.atomic():
        request = ApprovalRequest.objects.select_for_update().get(approval_id=approval_id)
        allowed = may_claim(viewer, request)
        if not allowed:
            raise Refused(allowed)
        return _claim(viewer, request, one_line(clean(reason)))


def _claim(viewer: Viewer, request: ApprovalRequest, reason: str) -> Claim:
    if len(reason) > LONGEST_REASON:
        raise Invalid("reason", _("Keep it under {most} characters."), most=LONGEST_REASON)
    until = min(timezone.now() + timedelta(minutes=settings.CLAIM_MINUTES), request.expires_at)
    held = Claim.objects.on(request, timezone.now())
    if held is None:
        held = Claim.objects.create(request=request, holder=viewer.user, reason=reason, until=until)
        Delivery.objects.enqueue(
            key=f"heartbeat:{held.pk}",
            kind=Delivery.Kind.HEARTBEAT,
            claim=held,
            payload=payload_of(held),
            next_try_at=timezone.now(),
        )
    else:
        held.until, held.reason = until, reason or held.reason
        held.save(update_fields=["until", "reason"])
        Delivery.objects.waiting().filter(claim=held).update(payload=payload_of(held))
    AuditEvent.objects.record(viewer.actor, "request.claimed", request, held.reason, until=utc_text(held.until))
    return held


def payload_of(held: Claim) -> str:
    """Return what the delivery needs to know: until when to beat."""
    return json.dumps({"until": held.until.isoformat()})


def release(viewer: Viewer, approval_id: str) -> None:
    """End the claim on the request; nothing happens where there is none. Raises Refused (recorded)."""
    with refusals_recorded(viewer, "request.release_refused", f"request:{approval_id}"), transaction.atomic():
        request = ApprovalRequest.objects.select_for_update().get(approval_id=approval_id)
        held = Claim.objects.on(request, timezone.now())
        if held is None:
            return
        allowed = may_release(viewer, held)
        if not allowed:
            raise Refused(allowed)
        _end(viewer, request, held)


def end_lost_claim(viewer: Viewer, request: ApprovalRequest) -> None:
    """End the claim of somebody who may not answer any more, in the caller's transaction, and put it on the record."""
    held = Claim.objects.on(request, timezone.now())
    if held is not None and not may_decide(Viewer.of(held.holder), request):
        _end(viewer, request, held)


def _end(viewer: Viewer, request: ApprovalRequest, held: Claim) -> None:
    end_claims(request)
    AuditEvent.objects.record(
        viewer.actor, "request.released", request, f"{held.holder} is no longer on it", holder=held.holder.username
    )


def end_claims(request: ApprovalRequest, holder: User | None = None) -> None:
    """End what claims hold on the request, or the one of this person, in the caller's transaction."""
    now = timezone.now()
    held = Claim.objects.live(now).filter(request=request)
    keys = list((held.filter(holder=holder) if holder else held).values_list("pk", flat=True))
    Claim.objects.filter(pk__in=keys).update(until=now)
    beating = Delivery.objects.waiting().filter(claim__in=keys)
    beating.update(state=Delivery.State.DROPPED, finished_at=now)

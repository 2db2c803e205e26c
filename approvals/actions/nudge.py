"""Remind those whose turn it is."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.actions.errors import Invalid, Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import ApprovalRequest, AuditEvent, Nudge, Occasion, Topic
from approvals.policy import Viewer, everybody_asked, may_nudge


def nudge(viewer: Viewer, approval_id: str) -> Nudge:
    """Store the reminder and tell those who may answer now. Raises Refused, or Invalid when there is nobody (recorded).

    Under the request's lock, so that two clicks at once are one reminder.
    """
    with refusals_recorded(viewer, "request.nudge_refused", f"request:{approval_id}"), transaction.atomic():
        request = ApprovalRequest.objects.select_for_update().get(approval_id=approval_id)
        allowed = may_nudge(viewer, request)
        if not allowed:
            raise Refused(allowed)
        people = everybody_asked(request)
        if not people:
            said = _("Nobody who may answer this has an account here. Ask an admin of this portal.")
            raise Invalid("people", said)
        sent = Nudge.objects.create(request=request, sent_by=viewer.user, sent_at=timezone.now())
        named = [person.username for person in people]
        AuditEvent.objects.record(viewer.actor, "request.nudged", request, f"reminded {', '.join(named)}", people=named)
        Occasion.objects.leave(Topic.REMINDER, approval_id, cause=f"nudge:{sent.pk}", nudge=sent.pk)
        return sent

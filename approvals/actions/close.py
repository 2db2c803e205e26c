"""Close a request that will never be answered: withdrawn by its requester, cancelled by an admin."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.actions.decide import LONGEST_COMMENT, leave_decision, votes_on
from approvals.actions.errors import Invalid, Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery, Submission
from approvals.models.secrets import masked
from approvals.models.sentence import grouped
from approvals.models.text import clean
from approvals.policy import Viewer, may_cancel, may_withdraw


def close_request(viewer: Viewer, approval_id: str, reason: str) -> Decision:
    """Record the withdrawal or cancellation as the request's one decision, and leave its delivery behind.

    Raises Refused or Invalid (both recorded).
    """
    with refusals_recorded(viewer, "request.close_refused", f"request:{approval_id}"), transaction.atomic():
        return _close(viewer, approval_id, clean(reason).strip())


def _close(viewer: Viewer, approval_id: str, reason: str) -> Decision:
    request = ApprovalRequest.objects.select_for_update().get(approval_id=approval_id)
    allowed = may_cancel(viewer, request)
    if not allowed:
        raise Refused(allowed)
    if allowed.code == "cancelled" and not reason:
        raise Invalid("comment", _("Say why, so that the requester knows what to do next."))
    if len(reason) > LONGEST_COMMENT:
        raise Invalid("comment", _("Keep the reason under {most} characters."), most=grouped(LONGEST_COMMENT))
    return leave_decision(viewer, request, allowed.code, reason, votes_on(request))


def withdraw_unsent(viewer: Viewer, submission: Submission) -> Submission:
    """Take back a submission whose run was never started: the delivery is dropped in the same transaction.

    Raises Refused (recorded), also when the delivery was taken up meanwhile.
    """
    with refusals_recorded(viewer, "submission.withdraw_refused", submission), transaction.atomic():
        return _withdraw(viewer, Submission.objects.select_for_update().get(pk=submission.pk))


def _withdraw(viewer: Viewer, submission: Submission) -> Submission:
    allowed = may_withdraw(viewer, submission)
    if not allowed:
        raise Refused(allowed)
    dropped = (
        Delivery.objects.unsent()
        .filter(submission=submission)
        .update(state=Delivery.State.DROPPED, finished_at=timezone.now(), payload=masked(submission.delivery.payload))
    )
    if not dropped:
        # The outbox took it up between the question and the update; asking again says so.
        raise Refused(may_withdraw(viewer, submission))
    submission.state = Submission.State.WITHDRAWN
    submission.save(update_fields=["state", "updated_at"])
    told = f"{submission.ref} withdrawn before it was sent"
    AuditEvent.objects.record(viewer.actor, "submission.withdrawn", submission, told)
    return submission

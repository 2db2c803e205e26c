"""Close a request that will never be answered: withdrawn by its requester, cancelled by an admin."""

from django.db import transaction
from django.utils import timezone

from approvals.actions.decide import LONGEST_COMMENT, leave_decision
from approvals.actions.errors import Invalid, Refused
from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery, Submission
from approvals.policy import Viewer, may_cancel, may_withdraw


@transaction.atomic
def close_request(viewer: Viewer, approval_id: str, reason: str) -> Decision:
    """Record the withdrawal or cancellation as the request's one decision, and leave its delivery behind.

    Raises Refused or Invalid.
    """
    request = ApprovalRequest.objects.select_for_update().get(approval_id=approval_id)
    allowed = may_cancel(viewer, request)
    if not allowed:
        raise Refused(allowed)
    if allowed.code == "cancelled" and not reason.strip():
        raise Invalid("comment", "Say why, so that the requester knows what to do next.")
    if len(reason) > LONGEST_COMMENT:
        raise Invalid("comment", f"Keep the reason under {LONGEST_COMMENT:,} characters.")
    return leave_decision(viewer, request, allowed.code, reason)


@transaction.atomic
def withdraw_unsent(viewer: Viewer, submission: Submission) -> Submission:
    """Take back a submission whose run was never started: the delivery is dropped in the same transaction.

    Raises Refused, also when the delivery was taken up meanwhile.
    """
    submission = Submission.objects.select_for_update().get(pk=submission.pk)
    allowed = may_withdraw(viewer, submission)
    dropped = allowed and Delivery.objects.waiting().filter(submission=submission, attempts=0).update(
        state=Delivery.State.DROPPED, finished_at=timezone.now()
    )
    if not dropped:
        raise Refused(allowed if not allowed else may_withdraw(viewer, submission))
    submission.state = Submission.State.WITHDRAWN
    submission.save(update_fields=["state", "updated_at"])
    AuditEvent.objects.record(viewer.actor, "submission.withdrawn", submission, f"{submission.ref} taken back")
    return submission

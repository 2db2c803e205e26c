"""Remark on a request."""

from django.db import transaction

from approvals.actions.errors import Invalid, Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import ApprovalRequest, AuditEvent, Comment, Occasion, Topic
from approvals.models.text import clean
from approvals.policy import Viewer, may_comment

LONGEST_COMMENT = 4000


def comment(viewer: Viewer, request: ApprovalRequest, body: str, parent_id: int | None = None) -> Comment:
    """Store a remark, or an answer to one. Raises Refused or Invalid (both recorded)."""
    with refusals_recorded(viewer, "request.comment_refused", request), transaction.atomic():
        return _comment(viewer, request, clean(body).strip(), parent_id)


def _comment(viewer: Viewer, request: ApprovalRequest, text: str, parent_id: int | None) -> Comment:
    allowed = may_comment(viewer, request)
    if not allowed:
        raise Refused(allowed)
    if not text:
        raise Invalid("body", "Write something first.")
    if len(text) > LONGEST_COMMENT:
        raise Invalid("body", f"Keep a comment under {LONGEST_COMMENT:,} characters; this one has {len(text):,}.")
    parent = None
    if parent_id is not None:
        parent = Comment.objects.filter(pk=parent_id, request=request).first()
        if parent is None:
            raise Invalid("parent", "The comment that you answer is not on this request.")
    remark = Comment.objects.create(request=request, author=viewer.user, parent=parent, body=text)
    AuditEvent.objects.record(viewer.actor, "request.commented", request, text, comment=remark.pk)
    Occasion.objects.leave(Topic.COMMENT, request.approval_id, cause=str(remark.pk), comment=remark.pk)
    return remark

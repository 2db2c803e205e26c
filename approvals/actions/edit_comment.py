"""Change a remark shortly after it was written; what it said before is kept."""

from django.db import transaction
from django.utils import timezone

from approvals.actions.comment import checked, name_people, named_people
from approvals.actions.errors import Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import AuditEvent, Comment, CommentVersion, SearchDue
from approvals.policy import Viewer, may_edit_comment


def edit_comment(viewer: Viewer, remark: Comment, body: str) -> Comment:
    """Store the new text and keep the old one as a version; the same text again changes nothing.

    Raises Refused or Invalid (both recorded).
    """
    with refusals_recorded(viewer, "request.comment_edit_refused", remark.request, comment=remark.pk):
        return _edit(viewer, remark.pk, body)


@transaction.atomic
def _edit(viewer: Viewer, comment_id: int, body: str) -> Comment:
    remark = Comment.objects.select_for_update(of=("self",)).select_related("request").get(pk=comment_id)
    allowed = may_edit_comment(viewer, remark)
    if not allowed:
        raise Refused(allowed)
    text = checked(viewer, remark.request, body)
    if text == remark.body:
        return remark
    people = named_people(remark.request, text)
    CommentVersion.objects.create(comment=remark, body=remark.body, written_at=remark.edited_at or remark.created_at)
    remark.body, remark.edited_at = text, timezone.now()
    remark.save(update_fields=["body", "edited_at"])
    AuditEvent.objects.record(
        viewer.actor, "request.comment_edited", remark.request, text, comment=remark.pk,
        mentions=[person.username for person in people],
    )  # fmt: skip
    SearchDue.objects.mark([remark.request.approval_id])
    name_people(remark, people)
    return remark

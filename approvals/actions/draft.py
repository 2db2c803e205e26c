"""Keep a form as a draft."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from approvals.actions.errors import Refused
from approvals.actions.refs import new_ref
from approvals.models import AuditEvent, Submission
from approvals.policy import Viewer, may_edit


@transaction.atomic
def save_draft(viewer: Viewer, *, workflow: str, token: UUID, title: str, form_data: dict[str, Any]) -> Submission:
    """Store the form as typed; the same token finds the same draft, so a repeated save changes one row.

    Raises Refused when the token belongs to somebody else or was submitted already.
    """
    draft = claim(viewer, workflow, token)
    draft.title, draft.form_data = title[:200], form_data
    draft.save(update_fields=["title", "form_data", "updated_at"])
    return draft


def claim(viewer: Viewer, workflow: str, token: UUID) -> Submission:
    """Find or make the draft of this token, locked until the transaction ends."""
    draft, made = Submission.objects.get_or_create(
        token=token, defaults={"workflow": workflow, "requester": viewer.user, "ref": new_ref(workflow)}
    )
    draft = Submission.objects.select_for_update().get(pk=draft.pk)
    allowed = may_edit(viewer, draft)
    if not allowed:
        raise Refused(allowed)
    if made:
        AuditEvent.objects.record(viewer.actor, "submission.drafted", draft, f"{workflow} draft {draft.ref}")
    return draft


@transaction.atomic
def discard_draft(viewer: Viewer, draft: Submission) -> None:
    """Throw a draft away with its files. Raises Refused for anything but one's own draft."""
    draft = Submission.objects.select_for_update().get(pk=draft.pk)
    allowed = may_edit(viewer, draft)
    if not allowed:
        raise Refused(allowed)
    AuditEvent.objects.record(viewer.actor, "submission.discarded", draft, f"{draft.ref} thrown away")
    files = [attachment.file for attachment in draft.attachments.all()]
    draft.attachments.all().delete()
    draft.delete()
    for file in files:
        transaction.on_commit(partial(file.delete, save=False))

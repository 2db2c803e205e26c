"""Attach a checked file to a draft, and take it off again."""

import hashlib
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from approvals.actions.errors import Refused
from approvals.models import Attachment, AuditEvent, Submission
from approvals.policy import Viewer, may_edit

MOST_FILES = 60


@transaction.atomic
def attach(viewer: Viewer, draft: Submission, upload: "UploadedFile[Any]", content_type: str) -> Attachment:
    """Store a file whose type and size the form has checked by content. Raises Refused."""
    allowed = may_edit(viewer, draft)
    if not allowed:
        raise Refused(allowed)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored = Attachment(
        submission=draft, uploaded_by=viewer.user, name=(upload.name or "receipt")[-200:],
        content_type=content_type, size=upload.size or 0, sha256=digest.hexdigest(),
    )  # fmt: skip
    # The stored name is ours: what the sender called the file never reaches a path.
    stored.file.save(f"{stored.id}", upload, save=True)
    AuditEvent.objects.record(
        viewer.actor,
        "attachment.added",
        stored,
        f"{stored.name} to {draft.ref}",
        sha256=stored.sha256,
        size=stored.size,
    )
    return stored


@transaction.atomic
def detach(viewer: Viewer, attachment: Attachment) -> None:
    """Take a file off a draft. Raises Refused once it was submitted."""
    allowed = may_edit(viewer, attachment.submission)
    if not allowed:
        raise Refused(allowed)
    AuditEvent.objects.record(
        viewer.actor, "attachment.removed", attachment, f"{attachment.name} from {attachment.submission.ref}"
    )
    file = attachment.file
    attachment.delete()
    transaction.on_commit(lambda: file.delete(save=False))

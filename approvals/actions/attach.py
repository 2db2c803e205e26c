"""Attach a checked file to a draft, and take it off again."""

import hashlib
from pathlib import PurePosixPath
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import ngettext_lazy

from approvals.actions.errors import Invalid, Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import Attachment, AuditEvent, Submission
from approvals.models.people import StoredFile
from approvals.models.text import clean, one_line
from approvals.policy import Viewer, may_edit

MOST_FILES = 60
LONGEST_NAME = 200


def attach(viewer: Viewer, draft: Submission, upload: "UploadedFile[Any]", content_type: str) -> Attachment:
    """Store a file whose type and size the form has checked by content.

    Raises Refused (recorded) and Invalid when the draft is full. The bytes are stored before the transaction
    begins, so that no lock is held while a disk is slow, and go again if it fails.
    """
    with refusals_recorded(viewer, "attachment.refused", draft):
        allowed = may_edit(viewer, draft)
        if not allowed:
            raise Refused(allowed)
        stored = to_disk(Attachment(submission=draft, uploaded_by=viewer.user), upload, content_type)
        try:
            return _on_record(viewer, stored)
        except BaseException:
            stored.file.delete(save=False)
            raise


def to_disk[File: StoredFile](stored: File, upload: "UploadedFile[Any]", content_type: str) -> File:
    """Write the bytes of a checked upload, and note what they are; the row is saved by the caller."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored.name = honest_name(upload.name or "")
    stored.content_type, stored.size, stored.sha256 = content_type, upload.size or 0, digest.hexdigest()
    # The stored name is ours: what the sender called the file never reaches a path.
    stored.file.save(f"{stored.id}", upload, save=False)
    return stored


@transaction.atomic
def _on_record(viewer: Viewer, stored: Attachment) -> Attachment:
    draft = Submission.objects.select_for_update().get(pk=stored.submission_id)
    allowed = may_edit(viewer, draft)
    if not allowed:
        raise Refused(allowed)
    if draft.attachments.count() >= MOST_FILES:
        said = ngettext_lazy("A form takes at most {most} file.", "A form takes at most {most} files.", "most")
        raise Invalid("file", said, most=MOST_FILES)
    stored.save(force_insert=True)
    AuditEvent.objects.record(
        viewer.actor,
        "attachment.added",
        stored,
        f"{stored.name} to {draft.ref}",
        sha256=stored.sha256,
        size=stored.size,
    )
    return stored


def honest_name(name: str) -> str:
    """Return the sender's file name as one line without folders and deceptive marks; the end stays when it is long."""
    return PurePosixPath(one_line(clean(name)).replace("\\", "/")).name[-LONGEST_NAME:] or "receipt"


def detach(viewer: Viewer, attachment: Attachment) -> None:
    """Take a file off a draft. Raises Refused once it was submitted (recorded)."""
    with refusals_recorded(viewer, "attachment.remove_refused", attachment), transaction.atomic():
        draft = Submission.objects.select_for_update().get(pk=attachment.submission_id)
        allowed = may_edit(viewer, draft)
        if not allowed:
            raise Refused(allowed)
        AuditEvent.objects.record(viewer.actor, "attachment.removed", attachment, f"{attachment.name} from {draft.ref}")
        file = attachment.file
        attachment.delete()
        transaction.on_commit(lambda: file.delete(save=False), robust=True)

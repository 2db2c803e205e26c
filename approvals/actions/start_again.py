"""Begin a new draft from what was submitted before."""

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from approvals.actions.attach import attach
from approvals.actions.draft import save_draft
from approvals.actions.errors import Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import Attachment, AuditEvent, Submission
from approvals.policy import Viewer, may_copy


def start_again(viewer: Viewer, submission: Submission) -> Submission:
    """Return a draft with the same content and copies of the files; a repeated click finds the same draft.

    Raises Refused for anything but one's own that has been submitted (recorded).
    """
    with refusals_recorded(viewer, "submission.copy_refused", submission):
        allowed = may_copy(viewer, submission)
        if not allowed:
            raise Refused(allowed)
    token = uuid.uuid5(submission.token, "again")
    begun = Submission.objects.filter(token=token).first()
    if begun is not None and begun.form_data:
        return begun
    draft = save_draft(viewer, workflow=submission.workflow, token=token, title=submission.title, form_data={})
    kept = [file for file in submission.attachments.all() if file.file.storage.exists(str(file.file.name))]
    copies = {str(file.id): _copy(viewer, file, draft) for file in kept}
    content = _renamed(submission.form_data, copies)
    AuditEvent.objects.record(viewer.actor, "submission.copied", draft, f"begun from {submission.ref}")
    return save_draft(viewer, workflow=draft.workflow, token=token, title=submission.title, form_data=content)


def _copy(viewer: Viewer, file: Attachment, draft: Submission) -> str:
    with file.file.open("rb") as stream:
        upload = UploadedFile(stream, file.name, file.content_type, file.size)
        return str(attach(viewer, draft, upload, file.content_type).id)


def _renamed(value: Any, copies: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, copies) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, copies) for item in value]
    return copies.get(value, value) if isinstance(value, str) else value

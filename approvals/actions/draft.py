"""Keep a form as a draft."""

from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy

from approvals.actions.errors import Invalid, Refused
from approvals.actions.refs import new_ref
from approvals.actions.refusals import refusals_recorded
from approvals.models import AuditEvent, Submission
from approvals.models.secrets import without_secrets
from approvals.models.text import clean, one_line, readable
from approvals.policy import Viewer, may_edit

LONGEST_TITLE = 200
MORE_DRAWS = 2


def save_draft(viewer: Viewer, *, workflow: str, token: UUID, title: str, form_data: dict[str, Any]) -> Submission:
    """Store the form as typed; the same token finds the same draft, so a repeated save changes one row.

    Raises Refused when the token belongs to somebody else or was submitted already (recorded).
    """
    with refusals_recorded(viewer, "submission.draft_refused", f"submission:{token}"), transaction.atomic():
        draft = editable(viewer, claim(viewer, workflow, token), workflow)
        draft.title, draft.form_data = short_title(title), readable(without_secrets(form_data))
        draft.save(update_fields=["title", "form_data", "updated_at"])
        return draft


def claim(viewer: Viewer, workflow: str, token: UUID) -> Submission:
    """Find or make the submission of this token, locked until the transaction ends.

    Whoever comes second at the same instant waits for the first and gets its row.
    """
    found, made = _find_or_make(viewer, workflow, token)
    submission = Submission.objects.select_for_update().get(pk=found.pk)
    if made:
        AuditEvent.objects.record(viewer.actor, "submission.drafted", submission, f"{workflow} draft {submission.ref}")
    return submission


def _find_or_make(viewer: Viewer, workflow: str, token: UUID) -> tuple[Submission, bool]:
    for _ in range(MORE_DRAWS):
        # The ref may be taken: one in 34 thousand million for each row that exists. Draw another.
        with suppress(IntegrityError):
            return _draw(viewer, workflow, token)
    return _draw(viewer, workflow, token)


def _draw(viewer: Viewer, workflow: str, token: UUID) -> tuple[Submission, bool]:
    return Submission.objects.get_or_create(
        token=token, defaults={"workflow": workflow, "requester": viewer.user, "ref": new_ref(workflow)}
    )


def editable(viewer: Viewer, draft: Submission, workflow: str) -> Submission:
    """Return the draft if the person may change it as a form of this workflow. Raises Refused or Invalid."""
    allowed = may_edit(viewer, draft)
    if not allowed:
        raise Refused(allowed)
    if draft.workflow != workflow:
        raise Invalid("workflow", gettext_lazy("{ref} is a draft of another kind of form."), ref=draft.ref)
    return draft


def short_title(title: str) -> str:
    """Return the title as one clean line that fits the column."""
    return one_line(clean(title))[:LONGEST_TITLE]


def discard_draft(viewer: Viewer, draft: Submission) -> None:
    """Throw a draft away with its files. Raises Refused for anything but one's own draft (recorded)."""
    with refusals_recorded(viewer, "submission.discard_refused", draft), transaction.atomic():
        draft = Submission.objects.select_for_update().get(pk=draft.pk)
        allowed = may_edit(viewer, draft)
        if not allowed:
            raise Refused(allowed)
        AuditEvent.objects.record(viewer.actor, "submission.discarded", draft, f"{draft.ref} thrown away")
        files = [attachment.file for attachment in draft.attachments.all()]
        draft.attachments.all().delete()
        draft.delete()
        for file in files:
            transaction.on_commit(partial(file.delete, save=False), robust=True)

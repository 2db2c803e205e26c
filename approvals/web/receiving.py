"""A filled-in form as it comes in: whose it is, the files that came with it, and what is wrong with them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from approvals.actions.attach import attach
from approvals.actions.draft import save_draft
from approvals.actions.errors import Invalid, Refused
from approvals.models import Attachment, AuditEvent, Submission
from approvals.models.sentence import english
from approvals.models.text import readable
from approvals.web import errors, uploads
from approvals.web.forms import Sheet
from approvals.web.middleware import PortalRequest

# Where sheets keep their references to files.
FILE_KEYS = frozenset({"receipts"})


class Tampered(Exception):  # noqa: N818 (reads as what it says)
    """The form came back with what this portal never put into it."""


def forms_guarded[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Answer a refusal with 403 and a tampered form with 400; the latter goes on the record here."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request: Any = args[0]
        try:
            return view(*args, **kwargs)
        except Refused as refusal:
            return errors.forbidden(request, str(refusal))
        except Tampered as why:
            AuditEvent.objects.record(
                request.viewer.actor, "submission.form_tampered", f"page:{request.path}", english(why)
            )
            return errors.bad_form(request, str(why))

    return guarded


def token_of(request: PortalRequest) -> UUID:
    """Return the token that the form was opened with. Raises Tampered."""
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        raise Tampered(_("The mark that makes it safe to send twice is missing.")) from None


class Desk:
    """Where a form comes in. Raises Tampered when its token or a file that it names is somebody else's."""

    def __init__(self, request: PortalRequest, kind: type[Sheet], token: UUID) -> None:
        self.request, self.token, self.has_faults = request, token, False
        self.submission = Submission.objects.filter(token=token).first()
        files = self._own_files(kind)
        self.sheet = kind.posted(request.viewer, request.POST, files)
        self.files = files

    def _own_files(self, kind: type[Sheet]) -> list[Attachment]:
        if self.submission is None:
            return []
        if self.submission.requester_id != self.request.viewer.user.pk:
            raise Tampered(_("It carries the mark of somebody else's form."))
        if self.submission.workflow != kind.workflow:
            raise Tampered(_("It carries the mark of another kind of form."))
        return list(self.submission.attachments.all())

    @property
    def is_done(self) -> bool:
        """Whether this form was submitted before."""
        return self.submission is not None and self.submission.state != Submission.State.DRAFT

    def takes(self, action: str) -> bool:
        """Whether the sheet has this button; asked of a copy, so that the sheet stays as it was sent."""
        return type(self.sheet).posted(self.request.viewer, self.request.POST, self.files).act(action)

    def is_same(self) -> bool:
        """Whether the form says what its submission says. Files that came along again have no names to compare."""
        typed, kept = readable(self.sheet.typed), self.submission.form_data if self.submission else {}
        if self.request.FILES:
            typed, kept = without_files(typed), without_files(kept)
        return bool(typed == kept)

    def receive(self) -> None:
        """Store the files that came along, each on its draft and in its place, or say in its place why not.

        Raises Tampered for files that nobody asked for.
        """
        self._look_for_strangers()
        for field, name in self.request.__dict__.get("oversized", []):
            self._refuse(self._slot(field), uploads.too_large(name))
        before = len(self.sheet.referenced())
        for field in self.request.FILES:
            for file in self.request.FILES.getlist(field):
                self._take(self._slot(field), file)
        if len(self.sheet.referenced()) > before:
            self.keep()

    def keep(self) -> Submission:
        """Save the form as a draft as it stands."""
        sheet = self.sheet
        self.submission = save_draft(
            self.request.viewer,
            workflow=sheet.workflow,
            token=self.token,
            title=sheet.title(),
            form_data=sheet.typed,
        )
        return self.submission

    def _take(self, slot: int, file: Any) -> None:
        if full := self.sheet.full(slot):
            self._refuse(slot, full)
            return
        try:
            content_type = uploads.check(file)
            draft = self.submission or self.keep()
            self.sheet.receive(slot, attach(self.request.viewer, draft, file, content_type))
        except Invalid as fault:
            self._refuse(slot, str(fault))

    def _refuse(self, slot: int, message: str) -> None:
        self.sheet.refuse(slot, message)
        self.has_faults = True

    def _slot(self, field: str) -> int:
        slot = self.sheet.slot_of(field)
        if slot is None:
            raise Tampered(_("It carries a file that no field asked for."))
        return slot

    def _look_for_strangers(self) -> None:
        """Files taken off in another window are merely gone; files of somebody else's draft are not."""
        try:
            named = [UUID(name) for name in self.sheet.strange_files()]
        except ValueError:
            self._not_ours()
        if Attachment.objects.filter(pk__in=named).exists():
            self._not_ours()

    def _not_ours(self) -> NoReturn:
        raise Tampered(_("It names a file that is not part of it."))


def without_files(typed: Any) -> Any:
    """Return what was typed without the references to files."""
    if isinstance(typed, dict):
        return {key: without_files(value) for key, value in typed.items() if key not in FILE_KEYS}
    return [without_files(item) for item in typed] if isinstance(typed, list) else typed

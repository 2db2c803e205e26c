"""Remark on a request, with files, and name people who should look at it."""

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from approvals.actions.attach import to_disk
from approvals.actions.errors import Invalid, Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import ApprovalRequest, AuditEvent, Comment, CommentFile, Occasion, SearchDue, Topic, User
from approvals.models.markup import named_in, readings
from approvals.models.sentence import grouped
from approvals.models.text import clean
from approvals.policy import Viewer, may_comment, may_view

LONGEST_COMMENT = 4000
MOST_FILES = 5
MOST_MENTIONS = 20

type Upload = tuple["UploadedFile[Any]", str]
"""A file and its content type, which the caller has checked by content."""


def comment(
    viewer: Viewer, request: ApprovalRequest, body: str, parent_id: int | None = None, files: Sequence[Upload] = ()
) -> Comment:
    """Store a remark, or an answer to one, with its files. Raises Refused or Invalid (both recorded).

    The bytes of the files are stored before the transaction begins, and go again if it fails.
    """
    with refusals_recorded(viewer, "request.comment_refused", request):
        text = checked(viewer, request, body)
        if len(files) > MOST_FILES:
            said = ngettext_lazy(
                "A comment takes at most {most} file; these are {count}.",
                "A comment takes at most {most} files; these are {count}.",
                "most",
            )
            raise Invalid("files", said, most=MOST_FILES, count=len(files))
        stored: list[CommentFile] = []
        try:
            for upload, content_type in files:
                stored.append(to_disk(CommentFile(uploaded_by=viewer.user), upload, content_type))
            return _comment(viewer, request, text, parent_id, stored)
        except BaseException:
            for file in stored:
                file.file.delete(save=False)
            raise


@transaction.atomic
def _comment(
    viewer: Viewer, request: ApprovalRequest, text: str, parent_id: int | None, files: list[CommentFile]
) -> Comment:
    if parent_id is not None and not Comment.objects.filter(pk=parent_id, request=request).exists():
        raise Invalid("parent", _("The comment that you answer is not on this request."))
    people = named_people(request, text)
    remark = Comment.objects.create(request=request, author=viewer.user, parent_id=parent_id, body=text)
    for file in files:
        file.comment = remark
        file.save(force_insert=True)
    AuditEvent.objects.record(
        viewer.actor, "request.commented", request, text, comment=remark.pk,
        mentions=[person.username for person in people],
        files=[{"name": file.name, "size": file.size, "sha256": file.sha256} for file in files],
    )  # fmt: skip
    SearchDue.objects.mark([request.approval_id])
    Occasion.objects.leave(Topic.COMMENT, request.approval_id, cause=str(remark.pk), comment=remark.pk)
    name_people(remark, people)
    return remark


def checked(viewer: Viewer, request: ApprovalRequest, body: str) -> str:
    """Return the text as it is stored. Raises Refused or Invalid."""
    allowed = may_comment(viewer, request)
    if not allowed:
        raise Refused(allowed)
    text = clean(body).strip()
    if not text:
        raise Invalid("body", _("Write something first."))
    if len(text) > LONGEST_COMMENT:
        said = _("Keep a comment under {most} characters; this one has {count}.")
        raise Invalid("body", said, most=grouped(LONGEST_COMMENT), count=grouped(len(text)))
    return text


def named_people(request: ApprovalRequest, text: str) -> list[User]:
    """Return those whom the text names. Raises Invalid when it names anybody who cannot read it.

    Whether there is such an account is not told: both mistakes get the same sentence.
    """
    names = named_in(text)
    if len(names) > MOST_MENTIONS:
        said = ngettext_lazy(
            "Name at most {most} person in one comment; this one names {count}.",
            "Name at most {most} people in one comment; this one names {count}.",
            "most",
        )
        raise Invalid("body", said, most=MOST_MENTIONS, count=len(names))
    found: dict[int, User] = {}
    for name in names:
        person = next(filter(None, (_called(reading) for reading in readings(name))), None)
        if person is None or not may_view(Viewer.of(person), request):
            said = _(
                "@{name} is nobody who can see this request. Type @ and choose somebody of the list; "
                "if you mean no person, put the word between `backticks`."
            )
            raise Invalid("body", said, name=readings(name)[-1])
        found[person.pk] = person
    return list(found.values())


def _called(name: str) -> User | None:
    return User.objects.filter(username__iexact=name, is_active=True).first() if name else None


def name_people(remark: Comment, people: Sequence[User]) -> None:
    """Note whom the remark names, and have those told who are named in it for the first time; never the author."""
    before = set(remark.mentions.values_list("pk", flat=True))
    remark.mentions.set(people)
    for person in people:
        if person.pk not in before and person.pk != remark.author_id:
            cause = f"{remark.pk}@{person.pk}"
            Occasion.objects.leave(
                Topic.COMMENT, remark.request.approval_id, cause=cause, comment=remark.pk, mentions=person.username
            )

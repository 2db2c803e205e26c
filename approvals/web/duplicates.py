"""What looks as if it had been submitted before: a warning that people can confirm, never a refusal."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from approvals.models import Attachment, Run, Submission
from approvals.models.sentence import RECORDED_IN, Sentence, english
from approvals.policy import Viewer
from approvals.web.forms import Sheet

# Looked back so far, newest first; a person who submits more than this has other means against duplicates.
MOST_EARLIER = 200
MOST_FILES = 50
# How runs end whose expense may well be handed in again.
ENDED_BADLY = ("denied", "failed", "timed_out", "cancelled")


@dataclass(frozen=True)
class Likeness:
    """One thing that was submitted before. ``earlier`` is the person's own submission, None for somebody else's.

    ``recorded`` is ``what`` in English.
    """

    what: str
    recorded: str
    earlier: Submission | None = None

    @property
    def sentence(self) -> str:
        """What the record says of it."""
        return f"{self.recorded}: {self.earlier.ref if self.earlier else 'used by somebody else'}"


@dataclass(frozen=True)
class Doubts:
    """All that looks like a duplicate in one form."""

    found: list[Likeness]

    def __bool__(self) -> bool:
        return bool(self.found)

    @property
    def digest(self) -> str:
        """What a person confirms: these and no others."""
        told = "|".join(sorted(one.sentence for one in self.found))
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def doubts_about(viewer: Viewer, sheet: Sheet, own: Submission | None) -> Doubts:
    """Look for the form's lines among the person's earlier submissions, and for its files among everybody's."""
    return Doubts([*_same_lines(viewer, sheet, own), *_same_files(viewer, sheet, own)])


def _same_lines(viewer: Viewer, sheet: Sheet, own: Submission | None) -> Iterable[Likeness]:
    marks = type(sheet).likenesses(sheet.typed)
    if not marks:
        return
    with override(RECORDED_IN):
        recorded = type(sheet).likenesses(sheet.typed)
    earlier = viewer.user.submissions.filter(state=Submission.State.SUBMITTED, workflow=sheet.workflow)
    if own:
        earlier = earlier.exclude(pk=own.pk)
    newest = earlier.order_by("-created_at", "-id")[:MOST_EARLIER]
    for one in _standing(newest):
        marks_then = type(sheet).likenesses(one.form_data)
        for mark in marks.keys() & marks_then.keys():
            yield Likeness(marks.pop(mark), english(recorded[mark]), one)


def _same_files(viewer: Viewer, sheet: Sheet, own: Submission | None) -> Iterable[Likeness]:
    files = {file.sha256: file.name for key, file in sheet.files.items() if key in sheet.referenced()}
    same = Attachment.objects.filter(sha256__in=files, submission__state=Submission.State.SUBMITTED)
    if own:
        same = same.exclude(submission=own)
    used: dict[int, str] = {}
    for file in same.select_related("submission").order_by("-created_at")[:MOST_FILES]:
        used.setdefault(file.submission_id, file.sha256)
    told: dict[str, Likeness] = {}
    for one in _standing(Submission.objects.filter(pk__in=used)):
        digest = used[one.pk]
        is_own = one.requester_id == viewer.user.pk
        if is_own or digest not in told:
            what = Sentence(_("Receipt “{name}”"), name=files[digest])
            told[digest] = Likeness(what, what.english, one if is_own else None)
    return told.values()


def _standing(submissions: Iterable[Submission]) -> list[Submission]:
    """Return those that were not turned down, nor failed: what was may be handed in again."""
    found = list(submissions)
    names = [one.run_name for one in found if one.run_name]
    ended = Run.objects.filter(run_name__in=names, status__in=ENDED_BADLY).values_list("run_name", flat=True)
    over = set(ended)
    return [one for one in found if one.run_name not in over]

"""What looks as if it had been submitted before: a warning that people can confirm, never a refusal."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from approvals.models import ApprovalRequest, Attachment, AuditEvent, Run, Submission
from approvals.models.mirror import ENDED_RUNS
from approvals.models.secrets import without_secrets
from approvals.models.sentence import RECORDED_IN, Sentence, english
from approvals.models.text import readable
from approvals.policy import Viewer, may_view_run, may_view_submission
from approvals.web.files import UUID_TEXT
from approvals.web.forms import Sheet, sheet_of
from approvals.web.receiving import without_files

# Looked back so far, newest first; a person who submits more than this has other means against duplicates.
MOST_EARLIER = 200
MOST_FILES = 50
SHA256 = re.compile(r"[0-9a-f]{64}")
# Of a form sent once more from scratch, such as by the browser's Back.
ALL_OF_IT = _("Everything in this form")
# How runs end whose expense may well be handed in again.
ENDED_BADLY = ("denied", "failed", "timed_out", "cancelled")


@dataclass(frozen=True)
class Likeness:
    """One thing that was submitted before. ``earlier`` is the person's own submission, None for somebody else's.

    ``recorded`` is ``what`` in English; ``ref`` names the submission whosever it is: for the record, never for the
    person.
    """

    what: str
    recorded: str
    earlier: Submission | None = None
    ref: str = ""

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


def doubts_about(viewer: Viewer, sheet: Sheet, token: UUID) -> Doubts:
    """Look for the form's lines among the person's earlier submissions, and for its files among everybody's.

    ``token`` is the form's own: the form is never a likeness of itself, not even when it is sent twice at once.
    """
    files = {file.sha256: file.name for key, file in sheet.files.items() if key in sheet.referenced()}
    return Doubts([*_same_lines(viewer, type(sheet), sheet.typed, token), *_same_files(viewer, files, token)])


def doubts_about_input(viewer: Viewer, workflow: str, payload: Mapping[str, Any]) -> Doubts:
    """Do the same for a workflow's input that came without its form."""
    kind, lines = sheet_of(workflow), payload.get("lines")
    known = [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    typed = {**payload, "lines": [{**line, "receipts": []} for line in known]}
    alike = _same_lines(viewer, kind, typed, None) if kind else ()
    return Doubts([*alike, *_same_files(viewer, _files_named(known), None)])


def _files_named(lines: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the receipts that an input names, by their digest: as it says itself, or of the file with this id."""
    named = [one for line in lines for one in _list(line.get("receipts")) if isinstance(one, dict)]
    found = {
        str(one["sha256"]): str(one.get("name") or "") for one in named if SHA256.fullmatch(str(one.get("sha256")))
    }
    ids = [str(one["id"]) for one in named if UUID_TEXT.fullmatch(str(one.get("id")))]
    for file in Attachment.objects.filter(pk__in=ids) if ids else ():
        found.setdefault(file.sha256, file.name)
    return found


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _same_lines(viewer: Viewer, kind: type[Sheet], typed: Mapping[str, Any], token: UUID | None) -> Iterable[Likeness]:
    """Return the parts that an earlier submission has as well, each once; or that all of it is the same."""
    marks = _marks(kind, typed)
    with override(RECORDED_IN):
        recorded = kind.likenesses(typed)
    earlier = viewer.user.submissions.filter(state=Submission.State.SUBMITTED, workflow=kind.workflow)
    if token:
        earlier = earlier.exclude(token=token)
    standing = _standing(earlier.order_by("-created_at", "-id")[:MOST_EARLIER])
    over = _ended(standing, ENDED_RUNS) if kind.alike_while_open else set()
    left, whole = dict(marks), _whole(typed)
    for one in standing:
        alike = set() if one.run_name in over else marks.keys() & _marks(kind, one.form_data).keys()
        for mark in alike & left.keys():
            yield Likeness(left.pop(mark), english(recorded[mark]), one, one.ref)
        if whole and not alike and whole == _whole(one.form_data):
            whole = {}
            yield Likeness(str(ALL_OF_IT), english(ALL_OF_IT), one, one.ref)


def _marks(kind: type[Sheet], typed: Mapping[str, Any]) -> dict[str, str]:
    return {mark: what for mark, what in kind.likenesses(typed).items() if mark}


def _whole(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed, as it is kept; what was left empty says nothing, and files are compared by content."""
    kept = without_files(readable(without_secrets(dict(typed))))
    return {name: value for name, value in kept.items() if value not in ("", [], None)}


def _same_files(viewer: Viewer, files: Mapping[str, str], token: UUID | None) -> Iterable[Likeness]:
    if not files:
        return []
    same = Attachment.objects.filter(sha256__in=files, submission__state=Submission.State.SUBMITTED)
    if token:
        same = same.exclude(submission__token=token)
    used: dict[int, str] = {}
    for file in same.select_related("submission").order_by("-created_at")[:MOST_FILES]:
        used.setdefault(file.submission_id, file.sha256)
    told: dict[str, Likeness] = {}
    for one in _standing(Submission.objects.filter(pk__in=used)):
        digest = used[one.pk]
        is_own = one.requester_id == viewer.user.pk
        if is_own or digest not in told:
            what = Sentence(_("Receipt “{name}”"), name=files[digest])
            told[digest] = Likeness(what, what.english, one if is_own else None, one.ref)
    return told.values()


def likeness_told(doubts: Doubts) -> list[dict[str, str]]:
    """Return what the record keeps of doubts that the person confirmed, for those who decide."""
    return [{"what": one.recorded, "sentence": one.sentence, "ref": one.ref} for one in doubts.found]


@dataclass(frozen=True)
class Warned:
    """A likeness that the requester was shown and sent it all the same, as one reader may see it.

    ``earlier`` and ``address`` are empty where they may not see the other submission.
    """

    what: str
    earlier: str = ""
    address: str = ""


def warned_of(viewer: Viewer, item: ApprovalRequest) -> list[Warned]:
    """Return what the requester was warned of before they sent what this request is about."""
    ref = Submission.objects.filter(run_name=item.run_name).values_list("ref", flat=True).first()
    if ref is None:
        return []
    said = AuditEvent.objects.about(f"submission:{ref}").filter(action="submission.duplicate_confirmed").first()
    told = [one for one in (said.data.get("like") or [] if said else []) if isinstance(one, dict)]
    earlier = Submission.objects.select_related("requester").in_bulk([one["ref"] for one in told], field_name="ref")
    return [_as_seen(viewer, one["what"], earlier.get(one["ref"])) for one in told]


def _as_seen(viewer: Viewer, what: str, earlier: Submission | None) -> Warned:
    if earlier is None:
        return Warned(what)
    if may_view_submission(viewer, earlier):
        return Warned(what, str(earlier), reverse("submission", args=[earlier.ref]))
    # Who decides sees the other one by its run: where it was put to them too.
    run = Run.objects.filter(run_name=earlier.run_name).first() if earlier.run_name else None
    if run is None or not may_view_run(viewer, run):
        return Warned(what)
    return Warned(what, str(earlier), reverse("run", args=[run.run_name]))


def _standing(submissions: Iterable[Submission]) -> list[Submission]:
    """Return those that were not turned down, nor failed: what was may be handed in again."""
    found = list(submissions)
    over = _ended(found, ENDED_BADLY)
    return [one for one in found if one.run_name not in over]


def _ended(submissions: Iterable[Submission], ways: Iterable[str]) -> set[str]:
    """Return the names of those runs that have ended in one of these ways."""
    names = [one.run_name for one in submissions if one.run_name]
    return set(Run.objects.filter(run_name__in=names, status__in=ways).values_list("run_name", flat=True))

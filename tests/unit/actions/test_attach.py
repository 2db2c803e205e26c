"""Files of a draft."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoCaptureOnCommitCallbacks

from approvals.actions import attach as attaching
from approvals.actions.attach import attach, detach, honest_name
from approvals.actions.draft import discard_draft
from approvals.actions.errors import Invalid, Refused
from approvals.models import Attachment, AuditEvent, Submission
from tests.factories import person, submission, viewer

pytestmark = pytest.mark.django_db
BYTES = b"%PDF-1.7 a bill"


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def upload(name: str = "bill.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, BYTES, "application/pdf")


def files_in(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_a_file_is_stored_under_a_name_of_ours_and_its_digest_is_on_the_record(media: Path) -> None:
    draft = submission(person("rita"))
    stored = attach(viewer("rita"), draft, upload("../../etc/bill.pdf"), "application/pdf")
    assert (stored.name, stored.size, stored.content_type) == ("bill.pdf", len(BYTES), "application/pdf")
    assert stored.sha256 == hashlib.sha256(BYTES).hexdigest()
    assert [path.name for path in files_in(media)] == [str(stored.pk)]
    assert files_in(media)[0].read_bytes() == BYTES
    event = AuditEvent.objects.get(action="attachment.added")
    assert (event.actor, event.data) == ("rita", {"sha256": stored.sha256, "size": len(BYTES)})


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("bill\u202efdp.exe", "billfdp.exe"),
        ("a\\b\\bill.pdf", "bill.pdf"),
        ("two\nlines.pdf", "two lines.pdf"),
        ("\u200b", "receipt"),
        ("", "receipt"),
        (f"{'x' * 300}.pdf", f"{'x' * 196}.pdf"),
    ],
)
def test_a_file_name_is_shown_as_it_is(sent: str, shown: str) -> None:
    assert honest_name(sent) == shown


@pytest.mark.parametrize("name", ["mallory", "adam"])
def test_nobody_attaches_to_anothers_draft_and_no_bytes_stay(media: Path, name: str) -> None:
    draft = submission(person("rita"))
    with pytest.raises(Refused):
        attach(viewer(name, "admins"), draft, upload(), "application/pdf")
    assert files_in(media) == []
    assert AuditEvent.objects.get().action == "attachment.refused"


def test_a_form_that_was_submitted_meanwhile_takes_no_file_and_no_bytes_stay(media: Path) -> None:
    draft = submission(person("rita"))
    Submission.objects.update(state="submitted")
    with pytest.raises(Refused) as refusal:
        attach(viewer("rita"), draft, upload(), "application/pdf")
    assert refusal.value.answer.code == "submitted"
    assert files_in(media) == []
    assert not Attachment.objects.exists()


def test_a_full_form_takes_no_more(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "MOST_FILES", 2)
    draft = submission(person("rita"))
    for _ in range(2):
        attach(viewer("rita"), draft, upload(), "application/pdf")
    with pytest.raises(Invalid, match="at most 2"):
        attach(viewer("rita"), draft, upload(), "application/pdf")
    assert len(files_in(media)) == 2


def test_a_file_taken_off_leaves_the_disk_only_after_the_commit(
    media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    stored = attach(viewer("rita"), submission(person("rita")), upload(), "application/pdf")
    with django_capture_on_commit_callbacks(execute=True):
        detach(viewer("rita"), stored)
        assert len(files_in(media)) == 1
    assert files_in(media) == []
    assert AuditEvent.objects.filter(action="attachment.removed").count() == 1


def test_a_file_of_a_submission_stays() -> None:
    stored = attach(viewer("rita"), submission(person("rita")), upload(), "application/pdf")
    Submission.objects.update(state="submitted")
    with pytest.raises(Refused):
        detach(viewer("rita"), stored)
    assert Attachment.objects.count() == 1
    assert AuditEvent.objects.filter(action="attachment.remove_refused").count() == 1


def test_a_discarded_draft_takes_its_files_with_it(
    media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    draft = submission(person("rita"))
    attach(viewer("rita"), draft, upload(), "application/pdf")
    with django_capture_on_commit_callbacks(execute=True):
        discard_draft(viewer("rita"), draft)
    assert files_in(media) == []

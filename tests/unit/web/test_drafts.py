"""Drafts: kept as typed, submitted where they lie, thrown away, and nobody else's business."""

import uuid
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from approvals.models import Attachment, AuditEvent, Delivery, Submission
from tests.unit.web.forms import EXPENSE, expense, line, png, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _private_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rita() -> Client:
    return signed_in("rita")


@pytest.fixture
def sent(rita: Client) -> Submission:
    rita.post(EXPENSE, expense())
    return Submission.objects.get()


def test_a_draft_comes_back_as_it_was_typed(rita: Client) -> None:
    answer = rita.post(EXPENSE, expense(line(amount="abc"), description="", action="save", files=[png()]))
    draft = Submission.objects.get()
    assert answer.url == f"/submissions/{draft.ref}/edit/"  # type: ignore[attr-defined]
    page = rita.get(f"/submissions/{draft.ref}/edit/").content.decode()
    assert 'value="abc"' in page
    assert "taxi.png" in page
    assert not Delivery.objects.exists()


def test_a_draft_is_changed_and_submitted_where_it_lies(rita: Client) -> None:
    form = expense(action="save")
    rita.post(EXPENSE, form)
    draft = Submission.objects.get()
    answer = rita.post(f"/submissions/{draft.ref}/edit/", form | {"action": "submit"})
    assert answer.url == f"/submissions/{draft.ref}/"  # type: ignore[attr-defined]
    assert Submission.objects.get().state == "submitted"


def test_a_drafts_form_with_another_mark_is_tampering(rita: Client) -> None:
    rita.post(EXPENSE, expense(action="save"))
    draft = Submission.objects.get()
    answer = rita.post(f"/submissions/{draft.ref}/edit/", expense(token=str(uuid.uuid4())))
    assert answer.status_code == 400
    assert AuditEvent.objects.filter(action="submission.form_tampered").exists()


@pytest.mark.parametrize("path", ["edit/", ""])
@pytest.mark.parametrize("who", [("mallory", "managers"), ("ada", "auditors"), ("adam", "admins")])
def test_other_peoples_drafts_do_not_exist_for_anybody(rita: Client, path: str, who: tuple[str, str]) -> None:
    rita.post(EXPENSE, expense(action="save"))
    draft = Submission.objects.get()
    assert signed_in(*who).get(f"/submissions/{draft.ref}/{path}").status_code == 404


@pytest.mark.parametrize("verb", ["edit", "discard", "withdraw", "copy"])
def test_nobody_acts_on_other_peoples_submissions(sent: Submission, verb: str) -> None:
    assert signed_in("mallory", "admins").post(f"/submissions/{sent.ref}/{verb}/", expense()).status_code == 404
    assert AuditEvent.objects.filter(action="submission.edit_refused", actor="mallory").exists()


def test_a_draft_is_thrown_away_with_its_files(rita: Client, tmp_path: Path) -> None:
    rita.post(EXPENSE, expense(action="save", files=[png()]))
    rita.post(f"/submissions/{Submission.objects.get().ref}/discard/")
    assert not Submission.objects.exists()
    assert not Attachment.objects.exists()


def test_what_was_submitted_is_not_thrown_away(rita: Client, sent: Submission) -> None:
    assert rita.post(f"/submissions/{sent.ref}/discard/").status_code == 403
    assert rita.get(f"/submissions/{sent.ref}/edit/").status_code == 302

"""`manage.py approvals start` questions what looks like a duplicate, as the form does."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from approvals.models import Attachment, AuditEvent, Submission
from tests.factories import person
from tests.unit.web.forms import EXPENSE, expense, line, png, signed_in

pytestmark = pytest.mark.django_db
LINE = {"date": "2026-11-02", "category": "travel", "description": "Train", "amount": "120.50", "receipts": []}


@pytest.fixture(autouse=True)
def _private_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def start(tmp_path: Path, *words: str, **changes: Any) -> dict[str, Any]:
    file = tmp_path / "input.json"
    file.write_text(json.dumps({"description": "Train", "currency": "EUR", "lines": [LINE | changes]}))
    out = io.StringIO()
    call_command("approvals", "start", "expense", "--as", "rita", "--input", str(file), "--json", *words, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def questioned(tmp_path: Path, *words: str, **changes: Any) -> str:
    before = Submission.objects.count()
    with pytest.raises(CommandError) as fault:
        start(tmp_path, *words, **changes)
    assert fault.value.returncode == 5
    assert Submission.objects.count() == before
    return str(fault.value)


def test_the_same_line_again_is_questioned_and_taken_with_the_mark(tmp_path: Path) -> None:
    person("rita")
    first = start(tmp_path)
    said = questioned(tmp_path)
    assert f"- Line 1: {first['ref']}" in said
    found = re.search(r"--confirmed (\w+)$", said)
    assert found
    assert "Was this submitted before?" in questioned(tmp_path, "--confirmed", "0" * 16)
    second = start(tmp_path, "--confirmed", found[1])
    event = AuditEvent.objects.get(action="submission.duplicate_confirmed")
    assert (event.object_id, event.data["origin"]) == (second["ref"], "cli")
    assert event.data["like"] == [{"what": "Line 1", "sentence": f"Line 1: {first['ref']}", "ref": first["ref"]}]
    start(tmp_path, amount="120.51")


def test_a_line_that_was_submitted_by_the_form_is_found_too(tmp_path: Path) -> None:
    rita = signed_in("rita")
    assert rita.post(EXPENSE, expense(line(amount="120,5"))).status_code == 302
    assert Submission.objects.get().ref in questioned(tmp_path)


def test_a_repeat_with_its_token_is_no_duplicate_of_itself(tmp_path: Path) -> None:
    person("rita")
    words = ("--token", "0b9a3a54-5b6a-4a0e-8d39-6c1d51a1f0a7")
    assert start(tmp_path, *words) == start(tmp_path, *words)


def test_the_same_receipt_is_found_by_its_content(tmp_path: Path) -> None:
    person("rita")
    assert signed_in("tom").post(EXPENSE, expense(line(amount="7.00"), files=[png()])).status_code == 302
    file = Attachment.objects.get()
    for receipt in ({"name": "mine.png", "sha256": file.sha256}, {"id": str(file.pk)}):
        said = questioned(tmp_path, receipts=[receipt], amount="8.00")
        assert "used by somebody else" in said
        assert Submission.objects.get().ref not in said


@pytest.mark.parametrize("receipts", [None, "x", 5, [5, {"sha256": 5, "id": "x"}]])
def test_receipts_that_are_none_are_the_workflows_business(tmp_path: Path, receipts: Any) -> None:
    person("rita")
    assert start(tmp_path, receipts=receipts)["ref"]

"""Receipts: what is taken, what is refused and in which words, and who may open them."""

import io
import struct
import uuid
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from approvals.models import Attachment, AuditEvent, Submission
from tests.factories import approval_request, person, policy, submission
from tests.unit.web.forms import EXPENSE, expense, line, pdf, png, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _private_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.MAX_RECEIPT_BYTES = 200_000


@pytest.fixture
def rita() -> Client:
    return signed_in("rita")


def picture(kind: str, name: str) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(out, kind)
    return SimpleUploadedFile(name, out.getvalue())


def bomb(side: int) -> SimpleUploadedFile:
    """A PNG of a few bytes that says it is this wide and high."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    rest = chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return SimpleUploadedFile("huge.png", b"\x89PNG\r\n\x1a\n" + header + rest)


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/png")


@pytest.mark.parametrize(
    ("file", "content_type"),
    [
        (png(), "image/png"),
        (picture("JPEG", "scan.JPG"), "image/jpeg"),
        (picture("WEBP", "scan.webp"), "image/webp"),
        (picture("GIF", "scan.gif"), "image/gif"),
        (pdf(), "application/pdf"),
        (picture("PNG", "no-ending"), "image/png"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_pictures_and_documents_are_taken_by_their_content(
    rita: Client, file: SimpleUploadedFile, content_type: str
) -> None:
    file.seek(0)
    rita.post(EXPENSE, expense(files=[file]))
    assert Attachment.objects.get().content_type == content_type


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (upload("receipt.png", b"MZ\x90\0" + b"\0" * 500), "“receipt.png” is not a picture or PDF"),
        (upload("receipt.png", b"<script>alert(1)</script>"), "“receipt.png” is not a picture or PDF"),
        (upload("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "“page.svg” is not a picture or PDF"),
        (upload("empty.pdf", b""), "“empty.pdf” is empty"),
        (upload("cut.pdf", b"%PDF-1.7\n1 0 obj"), "“cut.pdf” is a PDF that is cut off"),
        (upload("cut.png", png().read()[:60]), "“cut.png” is damaged"),
        (upload("invoice.pdf", png().read()), "“invoice.pdf” is really a PNG picture"),
        (upload("tool.exe", pdf().read()), "“tool.exe” is really a PDF"),
        (upload("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64), "Send it as JPEG"),
        (upload("big.png", png().read() + b"\0" * 200_001), "“big.png” is larger than 195 KB"),
        (bomb(9_000), "“huge.png” has too many pixels"),
        (bomb(30_000), "“huge.png” has too many pixels"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_wrong_file_is_refused_by_name_and_nothing_else_is_lost(
    rita: Client, file: SimpleUploadedFile, sentence: str
) -> None:
    file.seek(0)
    answer = rita.post(EXPENSE, expense(files=[png("good.png"), file]))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(sentence) == 2
    assert Attachment.objects.get().name == "good.png"
    assert f'name="lines-0-receipt" value="{Attachment.objects.get().pk}"' in page
    assert Submission.objects.get().state == "draft"


def test_a_file_over_the_limit_never_reaches_the_disk(rita: Client, tmp_path: Path, settings: Settings) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    page = rita.post(EXPENSE, expense(files=[upload("big.pdf", b"%PDF-" + b"\0" * 3_000_000)])).content.decode()
    assert "“big.pdf” is larger than 195 KB" in page
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_receipts_stay_through_an_error_and_are_submitted_with_their_line(rita: Client) -> None:
    form = expense(line(amount="0"), files=[png(), pdf()])
    rita.post(EXPENSE, form)
    ids = [str(pk) for pk in Attachment.objects.order_by("name").values_list("pk", flat=True)]
    del form["lines-0-files"]
    rita.post(EXPENSE, form | line() | {"lines-0-receipt": ids})
    done = Submission.objects.get()
    assert done.state == "submitted"
    assert [ref["id"] for ref in done.form_data["lines"][0]["receipts"]] == ids


def test_a_receipt_goes_up_as_soon_as_it_is_chosen(rita: Client) -> None:
    form = expense(line(), line(7), line=["0", "7"])
    sent = form | {"lines-7-files": [png()]}
    page = rita.post("/submit/expense/receipts/?field=lines-7-files", sent, headers={"HX-Request": "true"})
    stored = Attachment.objects.get()
    assert f'name="lines-7-receipt" value="{stored.pk}"' in page.content.decode()
    assert stored.submission.form_data["lines"][1]["receipts"][0]["name"] == "taxi.png"


def test_a_refused_file_is_told_in_its_line_at_once(rita: Client) -> None:
    sent = expense(files=[upload("virus.png", b"MZ")])
    page = rita.post("/submit/expense/receipts/?field=lines-0-files", sent, headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert "“virus.png” is not a picture or PDF" in page.content.decode()


def test_a_line_takes_ten_receipts(rita: Client) -> None:
    page = rita.post(EXPENSE, expense(files=[png(f"{n}.png") for n in range(11)])).content.decode()
    assert Attachment.objects.count() == 10
    assert "A line takes at most 10 receipts." in page


def test_receipts_of_another_draft_cannot_be_named(rita: Client) -> None:
    other = signed_in("paul")
    other.post(EXPENSE, expense(files=[png()], action="save"))
    theirs = Attachment.objects.get()
    answer = rita.post(EXPENSE, expense(line(receipt=str(theirs.pk))))
    assert answer.status_code == 400
    assert AuditEvent.objects.filter(action="submission.form_tampered", actor="rita").exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "1 OR 1=1"])
def test_a_receipt_that_is_no_id_is_tampering(rita: Client, name: str) -> None:
    assert rita.post(EXPENSE, expense(line(receipt=name))).status_code == 400


def test_a_receipt_that_is_gone_is_no_reason_to_lose_the_form(rita: Client) -> None:
    answer = rita.post(EXPENSE, expense(line(receipt=str(uuid.uuid4()))))
    assert answer.status_code == 302


def test_a_file_that_no_field_asked_for_is_tampering(rita: Client) -> None:
    assert rita.post(EXPENSE, expense() | {"attachment": png()}).status_code == 400
    assert not Attachment.objects.exists()


def test_taking_a_receipt_off_removes_it_from_the_draft_and_the_disk(rita: Client, tmp_path: Path) -> None:
    form = expense(files=[png()], action="save")
    rita.post(EXPENSE, form)
    del form["lines-0-files"]
    draft = Submission.objects.get()
    rita.post(f"/submissions/{draft.ref}/edit/", form)
    assert not Attachment.objects.exists()


# Opening


@pytest.fixture
def receipt(rita: Client) -> Attachment:
    rita.post(EXPENSE, expense(files=[png("taxi; home.png")]))
    return Attachment.objects.get()


def test_the_requester_opens_a_receipt_safely_and_on_the_record(rita: Client, receipt: Attachment) -> None:
    answer = rita.get(f"/attachments/{receipt.pk}/")
    assert b"".join(answer).startswith(b"\x89PNG")  # type: ignore[call-overload]
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "no-store" in answer.headers["Cache-Control"]
    event = AuditEvent.objects.get(action="attachment.opened")
    assert (event.actor, event.object_id) == ("rita", str(receipt.pk))


def test_a_receipt_can_be_saved(rita: Client, receipt: Attachment) -> None:
    assert rita.get(f"/attachments/{receipt.pk}/?download").headers["Content-Disposition"].startswith("attachment")


def test_a_kind_that_is_not_taken_is_never_shown_in_the_browser(rita: Client, receipt: Attachment) -> None:
    Attachment.objects.update(content_type="text/html")
    answer = rita.get(f"/attachments/{receipt.pk}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_to_strangers_there_is_no_such_file_and_the_attempt_is_recorded(receipt: Attachment) -> None:
    assert signed_in("mallory", "finance").get(f"/attachments/{receipt.pk}/").status_code == 404
    assert AuditEvent.objects.get(action="attachment.refused").actor == "mallory"
    assert Client().get(f"/attachments/{receipt.pk}/").status_code == 302


def test_whoever_is_asked_and_auditors_open_it(receipt: Attachment) -> None:
    approval_request(run_name=receipt.submission.run_name, policy=policy("managers"))
    assert signed_in("max", "managers").get(f"/attachments/{receipt.pk}/").status_code == 200
    assert signed_in("ada", "auditors").get(f"/attachments/{receipt.pk}/").status_code == 200


def test_receipts_of_a_draft_are_for_its_author_alone(rita: Client) -> None:
    rita.post(EXPENSE, expense(files=[png()], action="save"))
    assert signed_in("ada", "auditors").get(f"/attachments/{Attachment.objects.get().pk}/").status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_not_found(rita: Client, receipt: Attachment) -> None:
    Path(receipt.file.path).unlink()
    assert rita.get(f"/attachments/{receipt.pk}/").status_code == 404


def test_an_address_that_names_no_file_is_not_found(rita: Client) -> None:
    submission(person("rita"))
    assert rita.get(f"/attachments/{uuid.uuid4()}/").status_code == 404


def test_a_form_that_is_submitted_meanwhile_leads_to_its_submission(
    rita: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = expense(files=[png()])
    first = rita.post(EXPENSE, form)
    monkeypatch.setattr("approvals.web.receiving.Desk.is_done", False)  # as another tab saw it a moment ago
    form["lines-0-files"] = [pdf()]
    assert rita.post(EXPENSE, form).url == first.url  # type: ignore[attr-defined]
    assert Attachment.objects.get().name == "taxi.png"

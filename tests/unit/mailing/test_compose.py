"""What a letter says: in HTML and text, in the reader's own time, and nothing that others can slip in."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.actions.comment import comment
from approvals.mailing.compose import compose
from approvals.models import ApprovalRequest, Letter, Notification, Topic, User
from approvals.web.email_links import link_to
from tests.factories import policy, viewer
from tests.unit.mailing.conftest import Write

pytestmark = pytest.mark.django_db
NASTY = '<img src=x onerror="alert(1)"> & \u202egpj.exe'


def sent(letter: Letter) -> EmailMessage:
    """The message as a mail program reads it."""
    message = compose(letter)
    assert message is not None
    read = email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read


def parts(letter: Letter) -> tuple[str, str]:
    """The text and the HTML."""
    message = sent(letter)
    assert message.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in message.iter_parts())
    return text, html


def test_it_says_the_same_in_html_and_text(letter: Write) -> None:
    written = letter(title="Train to Lyon", expires_at=datetime(2026, 12, 1, 8, tzinfo=UTC), summary="Two nights.")
    User.objects.update(time_zone="Europe/Berlin")
    written.refresh_from_db()
    text, html = parts(written)
    for said in ("Your answer is wanted", "Train to Lyon", "€240.50", "Two nights.", "1 Dec 2026, 09:00 CET"):
        assert said in text
        assert said in html
    link = f"http://127.0.0.1:8000{link_to(written.person, ApprovalRequest.objects.get())}".rpartition(":")[0]
    # All but the time of signing and the signature.
    assert link.rpartition(":")[0] in text
    assert link.rpartition(":")[0] in html
    assert "http://127.0.0.1:8000/account/notifications/" in text


def test_what_people_wrote_is_text_in_the_html_and_shows_its_hidden_marks(letter: Write) -> None:
    text, html = parts(letter(title=NASTY, summary=NASTY, requester="mallory<b>"))
    assert "<img" not in html
    assert "&lt;img" in html
    assert "\u202e" not in html + text
    assert "[U+202E]" in text
    assert "mallory<b>" not in html


@pytest.mark.parametrize("broken", ["Rent\r\nBcc: everybody@example.com", "Rent\nSubject: Other", "Rent\x0b\x1fX"])
def test_a_title_with_line_breaks_makes_no_headers(letter: Write, broken: str) -> None:
    message = sent(letter(title=broken))
    assert message["Bcc"] is None
    assert len(message.get_all("Subject", [])) == 1
    assert message["Subject"].startswith("Your answer is wanted: Rent")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=300))
def test_every_title_makes_a_message(letter: Write, title: str) -> None:
    message = sent(letter(title=title))
    assert message["To"] == "anna@example.com"
    assert len(message["Subject"]) < 200


def test_the_headers_let_machines_know_what_it_is(letter: Write) -> None:
    written = letter()
    message = sent(written)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == sent(written)["Message-ID"]
    assert "expense" not in message["Message-ID"] + message["References"]


def test_letters_about_one_request_lie_together(letter: Write) -> None:
    first = letter()
    occasion = Notification.objects.get().occasion
    second = Letter.objects.create(key="notice:other:1", person=first.person, next_try_at=first.next_try_at)
    occasion.pk, occasion.cause, occasion.topic = None, "over:x", Topic.OVER
    occasion.save()
    request = ApprovalRequest.objects.get()
    Notification.objects.create(person=first.person, occasion=occasion, request=request, letter=second)
    assert sent(first)["References"] == sent(second)["References"]
    assert sent(first)["Message-ID"] != sent(second)["Message-ID"]


def test_a_digest_tells_first_what_waits_and_leaves_out_what_is_over(letter: Write) -> None:
    letter(key="digest:1:x", title="Chairs")
    letter(key="digest:1:x", title="Desk")
    over = letter(key="digest:1:x", title="Lamp")
    letter(key="digest:1:x", title="Paint", topic=Topic.OUTCOME, status="approved")
    Notification.objects.filter(request__title="Lamp").update(over_at=over.created_at)
    message = sent(over)
    assert message["Subject"] == "Your day in Countersign: 3 notices, 2 wait for you"
    text, html = parts(over)
    for said in (text, html):
        assert "Lamp" not in said
        assert said.index("Desk") < said.index("Paint")
        assert "Chairs" in said


def test_a_large_digest_says_how_much_more_there_is(letter: Write) -> None:
    for _ in range(55):
        written = letter(key="digest:1:x")
    text, _ = parts(written)
    assert "And 5 more in the portal." in text


def ended(status: str, decision: str = "", by: str = "bo", comments: str = "") -> dict[str, object]:
    """Fields of a request that was closed so."""
    said = {"decision": decision or status, "decided_by": by, "comments": comments}
    return {"status": status, "decision": said if by else None}


ESCALATES = policy("managers") | {"escalates_to": "directors"}
KINDS = [
    ({"kind": "revision", "requester": "anna"}, Topic.TURN, "Changes are wanted"),
    ({}, Topic.REMINDER, "still waits for an answer"),
    (ended("timeout", by=""), Topic.OVER, "Nobody answered in time."),
    (ended("timeout", by="") | {"policy": ESCALATES}, Topic.OUTCOME, "it went on to directors"),
    (ended("approved"), Topic.OVER, "bo answered: approved."),
    (ended("cancelled", "withdrawn", "rita"), Topic.OVER, "rita withdrew it."),
    (ended("cancelled", by="olaf"), Topic.OUTCOME, "olaf cancelled it."),
    (ended("cancelled", by=""), Topic.OUTCOME, "It was cancelled."),
    (ended("error", by=""), Topic.OUTCOME, "nothing was approved"),
    (ended("rejected", comments="No receipt."), Topic.OUTCOME, "No receipt."),
]


@pytest.mark.parametrize(("fields", "topic", "says"), KINDS)
def test_each_kind_of_notice_in_words(letter: Write, fields: dict[str, object], topic: Topic, says: str) -> None:
    text, html = parts(letter(topic=topic, **fields))
    assert says in " ".join(text.split())
    assert says in " ".join(html.split())


@pytest.mark.parametrize(
    ("status", "says"), [("succeeded", "Reimbursed"), ("failed", "Failed"), ("timed_out", "Nobody answered in time.")]
)
def test_the_end_of_a_run_in_words(letter: Write, status: str, says: str) -> None:
    written = letter(topic=Topic.OUTCOME)
    row = Notification.objects.get()
    row.occasion.data = {"of": "run", "status": status, "workflow": "expense", "title": "Train"}
    row.occasion.subject = "expense-one"
    row.occasion.save()
    Notification.objects.update(request=None)
    text, _ = parts(written)
    assert says in text
    assert "/runs/expense-one/" in text


def test_a_comment_and_a_stuck_delivery_in_words(letter: Write) -> None:
    written = letter(topic=Topic.COMMENT)
    row = Notification.objects.get()
    assert row.request is not None
    said = comment(viewer("bo", "managers"), row.request, "Who was\nat the table? " + "x" * 300)
    row.occasion.data = {"comment": said.pk}
    row.occasion.save()
    assert "Bo: Who was at the table?" in parts(written)[0]
    stuck = letter(topic=Topic.OFFICE, data={"of": "delivery", "what": "Decision", "error": "No role.", "pk": 7})
    Notification.objects.filter(letter=stuck).update(request=None)
    assert "/admin/approvals/delivery/7/change/" in parts(stuck)[0]


def test_no_letter_holds_a_callback_id_or_asks_other_servers_for_anything(letter: Write) -> None:
    html = parts(letter(details={"callback_id": "secret"}))[1]
    assert "secret" not in html
    assert "src=" not in html
    assert "url(" not in html
    for template in Path("approvals/templates/approvals/mail").iterdir():
        assert "callback" not in template.read_text()

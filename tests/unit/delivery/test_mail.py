"""E-mails leave once: not twice beside another worker, not again after a crash, and later when the server is away."""

import smtplib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from approvals.delivery import mail as module
from approvals.delivery.letters import letter
from approvals.delivery.mail import send_due
from approvals.models import AuditEvent, Mail
from tests.factories import approval_request, person, submission

pytestmark = pytest.mark.django_db(transaction=True)
CLOSED = {"actor": "reconcile", "action": "closed", "note": "The run failed (Boom) before this request was answered."}
LOCAL = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
type Outbox = list[Any]


@pytest.fixture(autouse=True)
def _mail_is_on(settings: Settings) -> None:
    settings.MAIL_URL = "smtp://localhost"
    settings.MAILERS = LOCAL


def waiting_mail(username: str = "anna", **fields: Any) -> Mail:
    request = fields.pop("request", None) or approval_request(status="error", events=[CLOSED])
    to = person(username, email=f"{username}@example.com")
    now = timezone.now()
    return Mail.objects.create(
        **{"kind": "orphaned", "request": request, "recipient": to, "next_try_at": now, "created_at": now, **fields}
    )


def state() -> str:
    return Mail.objects.get().state


def sending(monkeypatch: pytest.MonkeyPatch, does: Callable[[], object]) -> None:
    """Do this instead of handing the message over."""
    monkeypatch.setattr(EmailBackend, "send_messages", lambda *_: does())


def raising(fault: Exception) -> Callable[[], object]:
    def fail() -> object:
        raise fault

    return fail


def test_it_is_sent_once_and_on_the_record(mailoutbox: Outbox) -> None:
    waiting_mail()
    send_due()
    send_due()
    [sent] = mailoutbox
    assert sent.to == ["anna@example.com"]
    assert "Boom" not in sent.body
    assert state() == "sent"
    event = AuditEvent.objects.get(action="mail.sent")
    assert (event.actor, event.data["recipient"]) == ("system:mail", "anna")


def test_no_transaction_is_open_while_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting_mail()
    seen = []
    sending(monkeypatch, lambda: seen.append(connection.in_atomic_block))
    send_due()
    assert seen == [False]


def test_a_worker_that_reads_the_same_mail_leaves_it_to_the_other(mailoutbox: Outbox) -> None:
    theirs = Mail.objects.get(pk=waiting_mail().pk)
    send_due()
    module._send_all([theirs])
    assert len(mailoutbox) == 1


def test_a_worker_killed_in_the_act_leaves_it_in_doubt_and_it_is_not_sent_again(
    mailoutbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_mail()
    waiting_mail("ben")
    with monkeypatch.context() as patch:
        sending(patch, raising(SystemExit()))
        with pytest.raises(SystemExit):
            send_due()
    send_due()
    assert [one.to for one in mailoutbox] == [["ben@example.com"]]  # it did not wait for the one in doubt
    Mail.objects.filter(state="sending").update(next_try_at=timezone.now())
    send_due()
    assert len(mailoutbox) == 1
    assert Mail.objects.get(recipient__username="anna").state == "unsure"
    assert AuditEvent.objects.filter(action="mail.unsure").count() == 1


def test_a_server_that_does_not_answer_is_asked_again_later(
    mailoutbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_mail()
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "open", lambda _: raising(ConnectionRefusedError("no"))())
        send_due()
    assert (state(), mailoutbox) == ("queued", [])
    assert Mail.objects.get().next_try_at > timezone.now()
    Mail.objects.update(next_try_at=timezone.now())
    send_due()
    assert (state(), len(mailoutbox)) == ("sent", 1)


@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        (smtplib.SMTPDataError(451, b"later"), "queued"),
        (smtplib.SMTPDataError(554, b"no"), "unsent"),
        (smtplib.SMTPRecipientsRefused({}), "unsent"),
        (smtplib.SMTPServerDisconnected("gone"), "unsure"),
        (TimeoutError("slow"), "unsure"),
        (ValueError("no header"), "unsent"),
    ],
)
def test_it_is_tried_again_only_where_the_server_surely_does_not_have_it(
    fault: Exception, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_mail()
    sending(monkeypatch, raising(fault))
    send_due()
    assert state() == ends


def test_old_news_are_not_sent(mailoutbox: Outbox) -> None:
    waiting_mail(created_at=timezone.now() - timedelta(days=4))
    send_due()
    assert (state(), mailoutbox) == ("unsent", [])


def test_the_requester_is_led_to_what_they_sent_and_a_title_cannot_break_the_subject() -> None:
    rita = person("rita", email="rita@example.com")
    request = approval_request(status="error", events=[CLOSED], title="Train\nBcc: all@example.com")
    sent = submission(rita, run_name=request.run_name, state="submitted")
    subject, body = letter(waiting_mail("rita", request=request))
    assert subject == "Ended without an answer: Train Bcc: all@example.com"
    assert f"/submissions/{sent.ref}/" in body
    subject, body = letter(waiting_mail("anna", request=request))
    assert subject.startswith("No longer needs you")
    assert "/submissions/" not in body

"""E-mails that are due, sent one by one through Django's mail backend; never twice, and never in a transaction."""

import logging
import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from approvals.delivery.backoff import wait_after
from approvals.delivery.letters import letter
from approvals.models import Actor, AuditEvent, Mail

log = logging.getLogger(__name__)
POSTMAN = Actor.system("mail")
AT_ONCE = 50
IDLE = 2.0
# Far longer than a server takes to accept one message.
LEASE = timedelta(minutes=10)
# Later than this the news are old; whoever still cares has seen them on the pages.
STALE = timedelta(days=3)
REFUSED_FOR_GOOD = 500
OPEN = (Mail.State.QUEUED, Mail.State.SENDING)
UNSURE = "Whoever sent it died in the act; it may have arrived, so it is not sent again."


def send_due() -> float:
    """Send what is due; return the seconds until it is worth asking again. Raises database errors."""
    if not Mail.objects.filter(state__in=OPEN, next_try_at__lte=timezone.now()).exists():
        return IDLE  # Spares SQLite's write lock while there is nothing to do.
    _give_up()
    due = Mail.objects.waiting().filter(next_try_at__lte=timezone.now()).order_by("next_try_at", "id")
    mails = list(due.select_related("request", "recipient")[:AT_ONCE])
    if mails and settings.MAIL_URL:
        _send_all(mails)
    return 0 if len(mails) == AT_ONCE and settings.MAIL_URL else IDLE


def _send_all(mails: list[Mail]) -> None:
    connection = mailers["default"]
    try:
        connection.open()
    except OSError as fault:
        # Nothing was handed over yet, so trying again cannot send twice.
        log.warning("the mail server does not answer: %s", fault)
        for mail in mails:
            if _take(mail):
                _try_again(mail, str(fault))
        return
    try:
        for mail in mails:
            # One at a time: a worker that dies leaves one in doubt, not a batch.
            if _take(mail):
                _send(mail, connection)
    finally:
        _close(connection)


def _take(mail: Mail) -> bool:
    """Take the mail up; False where somebody else did."""
    mine = Mail.objects.waiting().filter(pk=mail.pk, attempts=mail.attempts)
    mail.attempts += 1
    return mine.update(state=Mail.State.SENDING, attempts=F("attempts") + 1, next_try_at=timezone.now() + LEASE) == 1


def _send(mail: Mail, connection: BaseEmailBackend) -> None:
    subject, body = letter(mail)
    # The same id at every try, so that a server or reader that meets it twice may know it.
    headers = {"Message-ID": f"<mail-{mail.pk}-{mail.kind}@{settings.PORTAL_HOST}>", "Auto-Submitted": "auto-generated"}
    message = EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [mail.recipient.email], headers=headers)
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused:
        _end(mail, Mail.State.UNSENT, "The mail server takes nothing for this address.")
    except smtplib.SMTPResponseException as fault:
        # The server said no, so it does not have it.
        told = f"The mail server refused it: {fault.smtp_code}."
        if fault.smtp_code >= REFUSED_FOR_GOOD:
            _end(mail, Mail.State.UNSENT, told)
        else:
            _try_again(mail, told)
    except (OSError, smtplib.SMTPException):
        # It broke off on the way: the server may have it.
        log.warning("mail %s broke off", mail.pk, exc_info=True)
        _end(mail, Mail.State.UNSURE, "The connection broke off; it may have arrived, so it is not sent again.")
    except ValueError as fault:
        # An address or a subject that makes no message.
        _end(mail, Mail.State.UNSENT, f"It makes no e-mail: {fault}")
    else:
        _end(mail, Mail.State.SENT)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        log.info("the mail server did not say goodbye")


def _try_again(mail: Mail, why: str) -> None:
    mine = Mail.objects.filter(pk=mail.pk, state=Mail.State.SENDING, attempts=mail.attempts)
    mine.update(state=Mail.State.QUEUED, error=why[:500], next_try_at=timezone.now() + wait_after(mail.attempts))


def _end(mail: Mail, state: str, why: str = "") -> None:
    """End what we took up, and put it on the record; nothing where another one ended it meanwhile."""
    with transaction.atomic():
        mine = Mail.objects.filter(pk=mail.pk, attempts=mail.attempts, state__in=OPEN)
        if mine.update(state=state, error=why[:500], finished_at=timezone.now()):
            AuditEvent.objects.record(
                POSTMAN, f"mail.{state}", mail, why or f"To {mail.recipient.username}.",
                kind=mail.kind, request=mail.request.approval_id, recipient=mail.recipient.username,
            )  # fmt: skip


def _give_up() -> None:
    """End what is in doubt since its sender died, and what nobody could send while it was news."""
    now = timezone.now()
    open_mails = Mail.objects.select_related("request", "recipient")
    for mail in open_mails.filter(state=Mail.State.SENDING, next_try_at__lte=now)[:AT_ONCE]:
        _end(mail, Mail.State.UNSURE, UNSURE)
    for mail in open_mails.filter(state=Mail.State.QUEUED, created_at__lt=now - STALE, next_try_at__lte=now)[:AT_ONCE]:
        _end(mail, Mail.State.UNSENT, f"It could not be sent in {STALE.days} days. {mail.error}".strip())

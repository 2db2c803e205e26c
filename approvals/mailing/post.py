"""The worker's post: letters that are due, one connection to the mail server for a batch of them."""

import logging
import smtplib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import mailers
from django.db import InterfaceError, OperationalError

from approvals.mailing.compose import compose
from approvals.mailing.leases import Outcome, claim_due, give_back, settle
from approvals.models import Letter

log = logging.getLogger(__name__)

BATCH = 10
IDLE = 1.0
LASTING = 500
# What the mail server's or the network's absence looks like; an answer of the server is an SMTPResponseException.
AWAY = (OSError, smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPHeloError)


class MailServerAway(Exception):  # noqa: N818 (said of the server)
    """The mail server cannot be reached, or lets nobody in; everything waits."""


class Postman:
    """Sends what is due. Any number may work side by side."""

    def step(self) -> float:
        """Send a batch; return the seconds until it is worth asking again.

        Raises MailServerAway, with every letter of the batch that was not begun given back.
        """
        if not settings.SENDS_EMAIL:
            return 60 * IDLE
        letters = claim_due(BATCH)
        if not letters:
            return IDLE
        try:
            self._send(letters)
        except (OperationalError, InterfaceError):
            raise
        except AWAY as fault:
            raise MailServerAway(_said(fault)) from fault
        return 0

    def _send(self, letters: list[Letter]) -> None:
        left = list(letters)
        connection = mailers.default
        try:
            connection.open()
            while left:
                settle(attempt(left.pop(0), connection))
        except smtplib.SMTPAuthenticationError as fault:
            raise OSError(_said(fault)) from fault
        finally:
            give_back(left, timedelta(seconds=IDLE))
            _close(connection)


def attempt(letter: Letter, connection: Any) -> Outcome:
    """Write and send one letter. Raises what says that the server is away; then this try counts.

    When the server took the message and its answer, or our note of it, was lost, the letter goes again with the same
    Message-ID: a letter that comes twice can be recognised, one that never comes cannot.
    """
    try:
        message = compose(letter)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("letter %s cannot be written", letter.key)
        return Outcome(letter, Letter.State.STUCK, f"It cannot be written ({type(error).__name__}).")
    if message is None:
        return Outcome(letter, Letter.State.DROPPED)
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as fault:
        code, words = next(iter(fault.recipients.values()))
        return _refused(letter, code, words)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as fault:
        return _refused(letter, fault.smtp_code, fault.smtp_error)
    except AWAY as fault:
        settle(Outcome(letter, Letter.State.QUEUED, _said(fault)))
        raise
    except ValueError as fault:
        return Outcome(letter, Letter.State.STUCK, f"The address {letter.person.email} cannot be written to: {fault}")
    return Outcome(letter, Letter.State.SENT)


def _refused(letter: Letter, code: int, words: bytes | str) -> Outcome:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    state = Letter.State.STUCK if code >= LASTING else Letter.State.QUEUED
    return Outcome(letter, state, f"The mail server answered {code}: {said}")


def _said(fault: Exception) -> str:
    return f"The mail server does not answer: {str(fault).strip() or type(fault).__name__}"


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as fault:
        log.info("the mail server did not say good-bye: %s", fault)

"""Letters reach the mail server; what it refuses is tried again or shown, and nothing is lost while it is away."""

import smtplib
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from approvals.actions.errors import Refused
from approvals.actions.resend import resend_letter, tell_again
from approvals.mailing import post as post_office
from approvals.mailing.leases import MOST_ATTEMPTS, claim_due
from approvals.mailing.post import MailServerAway, Postman
from approvals.models import AuditEvent, Letter, Notification, NotificationPreferences, Occasion, Pulse
from approvals.worker.mirroring import Mirroring
from approvals.worker.part import Part
from approvals.worker.patience import Patience
from approvals.worker.pulsing import write_pulse
from tests.factories import viewer
from tests.unit.mailing.conftest import Moody, TookIt, Write, due_again, post
from tests.unit.notifying.conftest import side_by_side

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(letter: Letter) -> tuple[str, int]:
    """Where it stands, and after how many tries."""
    letter.refresh_from_db()
    return letter.state, letter.attempts


def test_a_letter_is_sent_once(letter: Write) -> None:
    written = letter()
    post()
    post()
    assert state_of(written) == ("sent", 1)
    [message] = mail.outbox
    assert message.to == ["anna@example.com"]
    assert message.subject.startswith("Your answer is wanted: Train to Lyon")


def test_nothing_goes_before_its_time(letter: Write) -> None:
    written = letter()
    Letter.objects.update(next_try_at=timezone.now() + timedelta(minutes=5))
    post()
    assert state_of(written) == ("queued", 0)


def test_what_was_overtaken_is_not_sent(letter: Write) -> None:
    written = letter()
    Notification.objects.update(over_at=timezone.now())
    post()
    assert state_of(written) == ("dropped", 1)
    assert mail.outbox == []


def test_without_a_mail_server_nothing_is_tried(letter: Write, settings: object) -> None:
    written = letter()
    settings.SENDS_EMAIL = False  # type: ignore[attr-defined]
    assert Postman().step() > 0
    assert state_of(written) == ("queued", 0)


def test_a_refusal_for_now_is_tried_again(letter: Write, server: type[Moody]) -> None:
    written = letter()
    server.answers = [smtplib.SMTPDataError(451, b"Try again later")]
    post()
    assert state_of(written) == ("queued", 1)
    assert written.next_try_at > timezone.now()
    assert "451: Try again later" in written.error
    due_again()
    post()
    assert state_of(written) == ("sent", 2)


@pytest.mark.parametrize(
    "fault",
    [
        smtplib.SMTPRecipientsRefused({"anna@example.com": (550, b"No such user")}),
        smtplib.SMTPDataError(554, b"Looks like spam"),
        smtplib.SMTPSenderRefused(553, b"Not your name", "countersign@localhost"),
        ValueError("Invalid address"),
    ],
)
def test_a_refusal_for_good_waits_for_an_admin_who_sends_it_again(
    letter: Write, server: type[Moody], fault: Exception
) -> None:
    written = letter()
    server.answers = [fault]
    post()
    assert state_of(written) == ("stuck", 1)
    assert AuditEvent.objects.about(written).get().action == "letter.stuck"
    with pytest.raises(Refused):
        resend_letter(viewer("anna"), written)
    assert resend_letter(viewer("olaf", "admins"), written)
    assert not resend_letter(viewer("olaf", "admins"), written)
    post()
    assert state_of(written) == ("sent", 1)


def test_refused_for_half_a_day_it_is_shown_to_an_admin(letter: Write, server: type[Moody]) -> None:
    written = letter()
    server.answers = [smtplib.SMTPDataError(450, b"Mailbox full")] * MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS):
        due_again()
        post()
    assert state_of(written) == ("stuck", MOST_ATTEMPTS)


@pytest.mark.parametrize("fault", [ConnectionRefusedError(), smtplib.SMTPAuthenticationError(535, b"Wrong password")])
def test_while_nobody_is_let_in_every_letter_waits_and_no_try_counts(
    letter: Write, server: type[Moody], fault: Exception
) -> None:
    letters = [letter() for _ in range(3)]
    server.closed_at_the_door = fault
    for _ in range(3):
        due_again()
        with pytest.raises(MailServerAway, match="does not answer"):
            Postman().step()
    assert {state_of(one) for one in letters} == {("queued", 0)}
    server.closed_at_the_door = None
    due_again()
    post()
    assert {state_of(one) for one in letters} == {("sent", 1)}


def test_a_connection_that_breaks_gives_back_what_was_not_begun(letter: Write, server: type[Moody]) -> None:
    letters = [letter() for _ in range(3)]
    server.answers = [None, smtplib.SMTPServerDisconnected("gone")]
    post()
    assert [state_of(one) for one in letters] == [("sent", 1), ("queued", 1), ("queued", 0)]


def test_a_letter_that_may_have_arrived_goes_again_under_the_same_name(letter: Write, server: type[Moody]) -> None:
    written = letter()
    server.answers = [TookIt("gone")]
    post()
    due_again()
    post()
    assert state_of(written) == ("sent", 2)
    first, second = (one.extra_headers["Message-ID"] for one in mail.outbox)
    assert first == second


def test_a_letter_that_cannot_be_written_holds_up_no_other(letter: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    odd, fine = letter(), letter()
    whole = post_office.compose

    def breaks(one: Letter) -> object:
        if one.pk == odd.pk:
            raise KeyError("odd")
        return whole(one)

    monkeypatch.setattr(post_office, "compose", breaks)
    post()
    assert (state_of(odd)[0], state_of(fine)[0]) == ("stuck", "sent")


def test_many_postmen_send_each_letter_once(letter: Write) -> None:
    for _ in range(25):
        letter()
    side_by_side(*[post] * 4)
    post()
    assert len(mail.outbox) == 25
    assert len({one.extra_headers["Message-ID"] for one in mail.outbox}) == 25


def test_a_postman_who_slept_through_the_lease_overwrites_nothing(letter: Write) -> None:
    written = letter()
    [sleeper] = claim_due(1)
    due_again()
    post()
    post_office.settle(post_office.Outcome(sleeper, Letter.State.STUCK, "too late"))
    assert state_of(written) == ("sent", 2)


def test_an_absent_mail_server_shows_in_the_portal_and_ends_nothing(letter: Write, server: type[Moody]) -> None:
    letter()
    server.closed_at_the_door = ConnectionRefusedError("refused")
    part = Part("mail", Postman().step, threading.Event())
    assert part.once() > 0
    write_pulse(Mirroring(threading.Event()), Patience("mirror"), Patience("outbox"), part.patience)
    assert Pulse.objects.get(name="mail").failing_since
    assert any("E-mail is late" in said for said in Pulse.objects.trouble())
    server.closed_at_the_door = None
    due_again()
    part.once()
    write_pulse(Mirroring(threading.Event()), Patience("mirror"), Patience("outbox"), part.patience)
    assert Pulse.objects.trouble() == []


def test_an_admin_has_a_stuck_occasion_tried_again(letter: Write) -> None:
    letter()
    occasion = Occasion.objects.get()
    Occasion.objects.update(state="stuck")
    with pytest.raises(Refused):
        tell_again(viewer("anna"), occasion)
    assert tell_again(viewer("olaf", "admins"), occasion)
    assert Occasion.objects.get().state == "waiting"
    assert not NotificationPreferences.objects.exists()

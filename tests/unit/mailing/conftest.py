"""Letters on their way, and mail servers of every mood."""

import smtplib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from pytest_django import Settings

from approvals.mailing.post import MailServerAway, Postman
from approvals.models import Letter, Notification, Occasion, Topic, User
from tests.factories import approval_request, person


@pytest.fixture(autouse=True)
def _mail_is_on(settings: Settings) -> Iterator[None]:
    settings.SENDS_EMAIL = True
    mail.outbox.clear()
    yield
    Moody.answers.clear()


class Moody(EmailBackend):
    """A mail server that answers as scripted: None takes the message, a fault is raised."""

    answers: list[Exception | None] = []
    closed_at_the_door: Exception | None = None

    def open(self) -> bool:
        """Let somebody in, or not."""
        if Moody.closed_at_the_door is not None:
            raise Moody.closed_at_the_door
        return True

    def send_messages(self, messages: Any) -> int:
        """Answer."""
        fault = Moody.answers.pop(0) if Moody.answers else None
        if isinstance(fault, TookIt):
            super().send_messages(messages)
            raise fault
        if fault is not None:
            raise fault
        return int(super().send_messages(messages) or 0)


class TookIt(smtplib.SMTPServerDisconnected):
    """The server took the message, and its answer was lost."""


@pytest.fixture
def server(settings: Settings) -> Iterator[type[Moody]]:
    """A scripted mail server."""
    settings.MAILERS = {"default": {"BACKEND": f"{Moody.__module__}.Moody"}}
    Moody.closed_at_the_door = None
    yield Moody
    Moody.closed_at_the_door = None


type Write = Callable[..., Letter]


@pytest.fixture
def letter(db: None) -> Write:
    """A letter about a request, due now."""

    def make(to: str = "anna", topic: Topic = Topic.TURN, key: str = "", data: Any = None, **fields: Any) -> Letter:
        user = addressee(to)
        request = approval_request(**fields)
        occasion = Occasion.objects.create(
            cause=f"{topic}:{request.approval_id}", topic=topic, subject=request.approval_id, state="told",
            due_at=timezone.now(), data=data or {},
        )  # fmt: skip
        letter, _ = Letter.objects.get_or_create(
            key=key or f"notice:{occasion.pk}:{user.pk}",
            defaults={"person": user, "next_try_at": timezone.now(), "is_digest": key.startswith("digest")},
        )
        Notification.objects.create(person=user, occasion=occasion, request=request, letter=letter)
        return letter

    return make


def addressee(username: str, **fields: Any) -> User:
    """Somebody with an address."""
    return person(username, **({"email": f"{username}@example.com"} | fields))


def post() -> None:
    """Send everything that is due; an absent server ends it."""
    postman = Postman()
    try:
        while postman.step() == 0:
            pass
    except MailServerAway:
        return


def due_again() -> None:
    """Let the pauses pass."""
    Letter.objects.filter(state="queued").update(next_try_at=timezone.now())

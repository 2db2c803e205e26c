"""kill -9 at any point of sending: every letter arrives, and one that comes twice carries the same name."""

import email
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.utils import timezone

from approvals.models import Letter
from tests.databases import address_of
from tests.unit.mailing.conftest import Write, post

pytestmark = pytest.mark.django_db(transaction=True)

# A postman who kills himself at a named point; the server is a folder.
DOOMED = """
import os, signal, sys, django
django.setup()
from approvals.mailing import leases, post
from django.core.mail.backends import filebased
point = sys.argv[1]

def die(): os.kill(os.getpid(), signal.SIGKILL)

def around(module, name, label):
    whole = getattr(module, name)
    def wrapped(*args, **kwargs):
        if point == f"before {label}": die()
        answer = whole(*args, **kwargs)
        if point == f"after {label}": die()
        return answer
    setattr(module, name, wrapped)

whole = filebased.EmailBackend.write_message
def synced(self, message):
    whole(self, message)
    self.stream.flush()
filebased.EmailBackend.write_message = synced
around(filebased.EmailBackend, "open", "open")
around(filebased.EmailBackend, "send_messages", "send")
around(post, "claim_due", "claim")
around(post, "compose", "compose")
around(post, "settle", "settle")
around(leases, "_held", "held, uncommitted")
post.Postman().step()
"""
POINTS = [
    f"{side} {what}"
    for what in ("claim", "open", "compose", "send", "held, uncommitted", "settle")
    for side in ("before", "after")
]


@pytest.mark.parametrize("point", POINTS)
def test_a_postman_killed_at_any_point_loses_no_letter(letter: Write, tmp_path: Path, point: str) -> None:
    letters = [letter() for _ in range(3)]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": address_of(django_settings.DATABASES["default"]),
        "EMAIL_URL": f"filemail:///{tmp_path}",
    }
    died = subprocess.run([sys.executable, "-c", DOOMED, point], env=environment, check=False)
    assert died.returncode == -9, "the point was never reached"
    Letter.objects.filter(state="queued").update(next_try_at=timezone.now() - timedelta(seconds=1))
    post()
    assert set(Letter.objects.values_list("state", flat=True)) == {"sent"}
    names = [*in_folder(tmp_path), *(str(one.extra_headers["Message-ID"]) for one in mail.outbox)]
    assert len(set(names)) == len(letters)
    # Only the one that was under way can have come twice.
    assert len(names) <= len(letters) + 1


def in_folder(folder: Path) -> list[str]:
    """The names of the messages that the dead postman had handed over."""
    found = []
    for file in folder.iterdir():
        for text in file.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
            if text.strip():
                found.append(str(email.message_from_bytes(text)["Message-ID"]))
    return found

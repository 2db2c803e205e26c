"""kill -9 at any point, duplicates and two workers at once: everybody is told once, with no manual step."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from approvals.models import AuditEvent, Letter, Notification, Occasion, Topic
from approvals.notifying import teller
from approvals.notifying.teller import Teller
from tests.databases import address_of
from tests.unit.notifying.conftest import asked, closed, reachable, side_by_side, tell_all, told

pytestmark = pytest.mark.django_db(transaction=True)

# A worker that kills itself at a named point of telling people two at a time.
DOOMED = """
import os, signal, sys, django
django.setup()
from approvals.notifying import claims, letters, teller
point = sys.argv[1]
teller.BATCH = 2

def die(): os.kill(os.getpid(), signal.SIGKILL)

def around(module, name, label):
    whole = getattr(module, name)
    def wrapped(*args, **kwargs):
        if point == f"before {label}": die()
        answer = whole(*args, **kwargs)
        if point == f"after {label}": die()
        return answer
    setattr(module, name, wrapped)

around(teller, "claim_due", "claim")
around(teller, "recipients", "recipients")
around(teller, "store", "batch")
around(teller, "move", "move, uncommitted")
around(teller, "letters_for", "letters, uncommitted")
around(teller, "_note", "record, uncommitted")
teller.Teller().step()
"""
POINTS = [
    f"{side} {what}"
    for what in (
        "claim", "recipients", "batch", "move, uncommitted", "letters, uncommitted", "record, uncommitted",
    )
    for side in ("before", "after")
]  # fmt: skip
PEOPLE = ["adam", "anna", "bo", "cora", "dan"]


def killed_at(point: str) -> None:
    """Run a worker until it kills itself."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": address_of(django_settings.DATABASES["default"]),
        "EMAIL_URL": "dummymail://",
    }
    died = subprocess.run([sys.executable, "-c", DOOMED, point], env=environment, check=False)
    assert died.returncode == -9, "the point was never reached"


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_forgets_nobody_and_tells_nobody_twice(point: str) -> None:
    for name in PEOPLE:
        reachable(name, "managers")
    request = asked()
    killed_at(point)
    Occasion.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))
    tell_all()
    assert told() == PEOPLE
    assert sorted(Letter.objects.values_list("person__username", flat=True)) == PEOPLE
    assert Notification.objects.filter(letter=None).count() == 0
    lines = AuditEvent.objects.about(request).filter(action="request.told")
    assert sum(line.data["count"] for line in lines) == len(PEOPLE)


@pytest.mark.parametrize("point", ["after batch", "after letters, uncommitted"])
def test_the_end_is_told_once_too(point: str) -> None:
    for name in PEOPLE:
        reachable(name, "managers")
    request = asked()
    tell_all()
    closed(request, by="anna")
    killed_at(point)
    Occasion.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))
    tell_all()
    assert told("over") == ["adam", "bo", "cora", "dan"]


def test_ten_workers_and_ten_duplicates_tell_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teller, "BATCH", 2)
    for name in PEOPLE:
        reachable(name, "managers")
    requests = [asked() for _ in range(4)]

    def work() -> None:
        for request in requests:
            Occasion.objects.leave(Topic.TURN, request.approval_id)
        Teller().step()
        tell_all()

    side_by_side(*[work] * 10)
    Occasion.objects.filter(state="waiting").update(due_at=timezone.now())
    tell_all()
    assert told() == sorted(PEOPLE * 4)
    assert Letter.objects.count() == Notification.objects.count() == 20


def test_telling_and_closing_at_once_leave_nobody_waiting() -> None:
    for name in PEOPLE:
        reachable(name, "managers")
    for _ in range(5):
        request = asked()
        side_by_side(tell_all, lambda item=request: closed(item, by="anna"))  # type: ignore[misc]
        tell_all()
        asked_for = set(Notification.objects.asking(request).values_list("person__username", flat=True))
        heard = Notification.objects.filter(request=request, occasion__topic="over")
        assert set(heard.values_list("person__username", flat=True)) == asked_for - {"anna"}
        assert not Notification.objects.asking(request).filter(over_at=None).exists()

"""People with addresses, and a worker that tells them."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from pytest_django import Settings

from approvals.models import ApprovalRequest, Notification, Occasion, Topic, User
from approvals.notifying.teller import Teller
from tests.factories import approval_request, person


@pytest.fixture(autouse=True)
def _mail_is_on(settings: Settings) -> None:
    settings.SENDS_EMAIL = True


def reachable(username: str, *groups: str, **fields: object) -> User:
    """Somebody with an e-mail address."""
    return person(username, *groups, email=f"{username}@example.com", **fields)


def asked(**fields: object) -> ApprovalRequest:
    """A request that was just seen for the first time."""
    request = approval_request(**fields)
    Occasion.objects.leave(Topic.TURN, request.approval_id)
    return request


def closed(request: ApprovalRequest, status: str = "approved", by: str = "anna", decision: str = "") -> None:
    """Settle a request as the mirror does."""
    request.status = status
    request.decision = {"decision": decision or status, "decided_by": by, "comments": ""} if by else None
    request.version += 1
    request.save()
    Occasion.objects.leave(Topic.OVER, request.approval_id)
    Occasion.objects.leave(Topic.OUTCOME, request.approval_id)


def tell_all() -> None:
    """Tell everything that is due."""
    teller = Teller()
    while teller.step() == 0:
        pass


def told(topic: str = "") -> list[str]:
    """Who was told, by name, each as often as they were."""
    rows = Notification.objects.filter(occasion__topic=topic) if topic else Notification.objects.all()
    return sorted(rows.values_list("person__username", flat=True))


def side_by_side(*work: Callable[[], None]) -> None:
    """Do these at once, each in a thread of its own."""
    start, faults = threading.Barrier(len(work)), []

    def run(one: Callable[[], None]) -> None:
        start.wait()
        try:
            one()
        except Exception as fault:  # noqa: BLE001 (the test tells it)
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []

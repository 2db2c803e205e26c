"""After the worst: workers killed at any moment, a mirror that is gone. Everything comes back, nothing twice."""

import os
import random
import signal
import time
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from approvals.models import ApprovalRequest, AuditEvent, Delivery, Notification, Run
from tests.office import Office, one_line_expense, verdict

pytestmark = [pytest.mark.cloud, pytest.mark.database]

DECISIONS = 20


def kill(office: Office) -> None:
    """End the newest worker as a crash does."""
    os.killpg(office.workers[-1].pid, signal.SIGKILL)
    office.workers[-1].wait()


def leases_end() -> None:
    """Let the leases of dead workers end now instead of in a minute and a half."""
    Delivery.objects.waiting().update(next_try_at=timezone.now())


def test_workers_killed_at_any_moment_lose_and_double_nothing(office: Office) -> None:
    chance = random.SystemRandom()
    with office.impatient_queue(seconds=3):
        office.hire_worker()
        names = [office.submit("240.50") for _ in range(DECISIONS)]
        requests = [office.request(name) for name in names]
        for number, request in enumerate(requests):
            office.answer(("adam", "anna")[number % 2], request)
            if number % 4 == 3:
                # Somewhere in its start, a claim, a call, a batch.
                time.sleep(chance.uniform(0.0, 1.5))
                kill(office)
                leases_end()
                office.hire_worker()
        for name in names:
            assert office.ended(name).status == "succeeded"
        for name in names:
            assert office.delivered(name).state == Delivery.State.DELIVERED
        for request in requests:
            told = [event["action"] for event in office.item(request.approval_id)["events"]]
            assert told == ["opened", "notified", "decided", "settled"]
            key = f"decision:{request.recorded.decision_id}"
            once = AuditEvent.objects.filter(object_id=key, action="delivery.accepted")
            assert once.count() == 1
        office.workers[-1].stop()


def rows(model: type[ApprovalRequest | Run], names: list[str]) -> list[dict[str, Any]]:
    """The mirror's rows of these runs, without the numbers that the database gave them."""
    key = "approval_id" if model is ApprovalRequest else "run_name"
    found = model._default_manager.filter(run_name__in=names).order_by(key).values()
    return [{name: value for name, value in row.items() if name not in {"id", "audience_id"}} for row in found]


def test_a_mirror_that_was_emptied_is_rebuilt_as_it_was(office: Office) -> None:
    names = [f"expense-{uuid.uuid4().hex[:10]}" for _ in range(3)]
    with office.worker():
        for name in names:
            office.invoke(name, one_line_expense("1500.00"))
        office.call_back(office.item_of(names[0]), verdict("rejected"))
        office.call_back(office.item_of(names[1]), verdict("approved"))
        office.ended(names[0])
        office.request(names[1], "finance")
        office.request(names[2])
        office.queue_is_taken()
    before = rows(ApprovalRequest, names), rows(Run, names)
    assert [len(found) for found in before] == [4, 3]
    # What the portal itself says of a request keeps its row; only what nobody has spoken of can go.
    Notification.objects.filter(request__run_name__in=names).delete()
    ApprovalRequest.objects.filter(run_name__in=names).delete()
    Run.objects.filter(run_name__in=names).delete()
    call_command("reconcile", verbosity=0)
    assert (rows(ApprovalRequest, names), rows(Run, names)) == before
    audience = ApprovalRequest.objects.get(approval_id=f"{names[2]}.manager").audience
    assert audience.key == "group:managers"
    assert office.shown(office.browser("adam"), office.request(names[2]))

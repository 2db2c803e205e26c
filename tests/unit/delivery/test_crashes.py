"""kill -9 between any two lines: what is on its way arrives, once, with no manual step."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from approvals.models import AuditEvent, Delivery
from tests.databases import address_of
from tests.portal_cloud import Aws
from tests.unit.delivery.conftest import Decide, item_of
from tests.unit.delivery.test_carry import try_once

pytestmark = pytest.mark.django_db(transaction=True)

# A worker that kills itself at a named point, and whose Lambda writes each callback that it takes to a file.
DOOMED = """
import os, signal, sys, django
django.setup()
from django.db import transaction
from approvals.aws import requests, tables
from approvals.delivery import carry, jobs, outbox, record
point, callbacks = sys.argv[1:]

def die(): os.kill(os.getpid(), signal.SIGKILL)

def around(module, name, label):
    whole = getattr(module, name)
    def wrapped(*args, **kwargs):
        if point == f"before {label}": die()
        answer = whole(*args, **kwargs)
        if point == f"after {label}": die()
        return answer
    setattr(module, name, wrapped)

def answer_callback(callback_id, verdict):
    with open(callbacks, "a") as out: out.write(callback_id.reveal() + chr(10))

carry.answer_callback = answer_callback
around(tables.Table, "get", "read")
around(tables.Table, "_write", "write")
around(carry, "write_decision", "decision")
around(carry, "answer_callback", "callback")
around(jobs, "_lease", "lease, uncommitted")
around(record, "_store", "record, uncommitted")
claimed = jobs.claim_due(5)
if point == "after claim": die()
reports = [outbox.attempt(job) for job in claimed]
if point == "before record": die()
record.record(reports)
if point == "after record": die()
"""
POINTS = [
    f"{side} {what}"
    for what in ("lease, uncommitted", "read", "write", "decision", "callback", "record, uncommitted", "record")
    for side in ("before", "after")
]


@pytest.mark.parametrize("point", [*POINTS, "after claim"])
def test_a_worker_killed_at_any_point_loses_and_doubles_nothing(
    decided: Decide, aws: Aws, point: str, tmp_path: object
) -> None:
    delivery = decided()
    secret = item_of(delivery, aws)["callback_id"]
    callbacks = f"{tmp_path}/callbacks"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": address_of(django_settings.DATABASES["default"]),
        "APPROVALS_TABLE_NAME": aws.approvals,
        "RUNS_TABLE_NAME": aws.runs,
        "CHANGES_QUEUE_URL": aws.queue,
    }
    died = subprocess.run([sys.executable, "-c", DOOMED, point, callbacks], env=environment, check=False)
    assert died.returncode == -9, "the point was never reached"
    Delivery.objects.filter(state="queued").update(next_try_at=timezone.now() - timedelta(seconds=1))
    try_once()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    item = item_of(delivery, aws)
    assert [line["action"] for line in item["events"]] == ["opened", "decided"]  # type: ignore[attr-defined]
    assert item["version"] == 2
    woken = open(callbacks).read().split() if os.path.exists(callbacks) else []  # noqa: PTH110, PTH123, SIM115
    woken += [call.callback_id for call in aws.answered()]
    assert set(woken) == {secret}
    steps = list(AuditEvent.objects.about(delivery).values_list("action", flat=True))
    assert steps == ["delivery.written", "delivery.accepted"]

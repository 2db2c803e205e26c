"""The worker: it does its work, ends quickly, survives outages and says how it does."""

import threading
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from approvals.aws import queue
from approvals.aws.faults import Retryable
from approvals.models import ApprovalRequest, Delivery, Pulse
from approvals.worker.mirroring import Mirroring
from approvals.worker.part import Part
from approvals.worker.patience import Patience
from approvals.worker.pulsing import write_pulse
from approvals.worker.worker import Worker
from portal import health
from tests.factories import approval_request, viewer
from tests.portal_cloud import Aws
from tests.unit.mirror.conftest import notice
from tests.waiting import PATIENCE_SECONDS, eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_answer_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_kept", None)


def decided(aws: Aws) -> Delivery:
    """A decision whose item waits."""
    from approvals.actions.decide import Ballot, decide

    item = aws.put_request()
    request = approval_request(approval_id=item["approval_id"], run_name=item["run_name"])
    _, decision = decide(
        viewer("anna", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest)
    )
    assert decision is not None
    return decision.delivery


def test_one_round_mirrors_delivers_and_ends(aws: Aws) -> None:
    item = aws.put_request()
    aws.send(notice(item))
    delivery = decided(aws)
    call_command("runworker", "--once")
    assert ApprovalRequest.objects.filter(approval_id=item["approval_id"]).exists()
    assert Delivery.objects.get(pk=delivery.pk).state == "delivered"


def test_a_running_worker_does_both_and_ends_when_asked(aws: Aws) -> None:
    stop = threading.Event()
    ended = []
    worker = threading.Thread(target=lambda: ended.append(Worker(stop).run()))
    worker.start()
    item = aws.put_request()
    aws.send(notice(item))
    delivery = decided(aws)
    eventually(lambda: ApprovalRequest.objects.filter(approval_id=item["approval_id"]).exists())
    eventually(lambda: Delivery.objects.get(pk=delivery.pk).state == "delivered")
    stop.set()
    worker.join(PATIENCE_SECONDS)
    assert ended == [True]
    assert set(Pulse.objects.values_list("name", flat=True)) == {"mirror", "outbox", "aws"}
    assert Pulse.objects.trouble() == []


def test_a_batch_that_an_outage_kept_out_stays_in_hand_and_uses_up_no_receives(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = aws.put_request()
    aws.send(notice(item))
    aws.script("BatchGetItem", *[(500, "InternalServerError")] * 9)
    mirroring = Mirroring(threading.Event())
    receives = []
    whole = queue.receive
    monkeypatch.setattr(queue, "receive", lambda wait: receives.append(wait) or whole(0))
    for _ in range(3):
        with pytest.raises(Retryable):
            mirroring.step()
    mirroring.step()
    assert (len(receives), ApprovalRequest.objects.count(), aws.depth(aws.queue)) == (1, 1, 0)


def test_an_outage_is_said_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    faults = [Retryable("AWS is away."), Retryable("AWS is away."), OperationalError("db"), None, None]

    def step() -> float:
        fault = faults.pop(0)
        if fault:
            raise fault
        return 7

    part = Part("mirror", step, threading.Event())
    pauses = [part.once() for _ in range(5)]
    assert 0.5 <= pauses[0] <= 1 <= pauses[1] <= 2 <= pauses[2] <= 4
    assert pauses[3:] == [7, 7]
    said = [line.getMessage() for line in caplog.records if line.name.startswith("approvals.worker")]
    assert said[:2] == ["mirror does not work: AWS is away.", "mirror does not work: db"]
    assert said[2].startswith("mirror works again")
    assert len(said) == 3


def test_a_fault_of_ours_ends_the_worker_with_a_word(caplog: pytest.LogCaptureFixture) -> None:
    def step() -> float:
        raise ZeroDivisionError

    stop = threading.Event()
    part = Part("outbox", step, stop)
    part.start()
    part.join(PATIENCE_SECONDS)
    assert part.crashed
    assert stop.is_set()
    assert "outbox broke" in caplog.text


def test_the_pulse_tells_people_what_does_not_work() -> None:
    assert "worker is silent" in Pulse.objects.trouble()[0]
    mirror, outbox, mirroring = Patience("mirror"), Patience("outbox"), Mirroring(threading.Event())
    mirror.worked()
    outbox.worked()
    write_pulse(mirroring, mirror, outbox)
    assert Pulse.objects.trouble() == []
    mirror.failed(Retryable("AWS is away."))
    write_pulse(mirroring, mirror, outbox)
    first, second = Pulse.objects.trouble()
    assert first.startswith("AWS does not answer since ")
    assert second.startswith("Changes arrive late since ")
    mirror.worked()
    write_pulse(mirroring, mirror, outbox)
    assert Pulse.objects.trouble() == []


def test_delayed_and_stuck_deliveries_are_told(aws: Aws) -> None:
    late, stuck = decided(aws), decided(aws)
    Delivery.objects.filter(pk=late.pk).update(attempts=9, error="throttled")
    Delivery.objects.filter(pk=stuck.pk).update(state="stuck")
    mirror, outbox = Patience("mirror"), Patience("outbox")
    write_pulse(Mirroring(threading.Event()), mirror, outbox)
    told = Pulse.objects.trouble()
    assert told[0].startswith("AWS does not answer")
    assert told[-1] == "Some deliveries are stuck and wait for an admin."
    assert Pulse.objects.get(name="outbox").detail | {"seen": ""} == {
        "waiting": 1, "delayed": 1, "stuck": 1, "seen": "",
    }  # fmt: skip


def test_a_silent_worker_is_told() -> None:
    write_pulse(Mirroring(threading.Event()), Patience("mirror"), Patience("outbox"))
    old = (timezone.now() - timedelta(seconds=61)).isoformat()
    Pulse.objects.update(detail={"seen": old})
    assert "worker is silent" in Pulse.objects.trouble()[0]


def test_health_answers_without_a_sign_in_and_without_a_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_ready_when_all_parts_answer(client: Client, aws: Aws) -> None:
    answer = client.get("/readyz")
    parts = {"database": "ok", "queue": "ok", "tables": "ok", "mirror": "ok"}
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "parts": parts})


def test_not_ready_without_aws_and_no_secret_told(client: Client, aws: Aws, settings: Any) -> None:
    settings.CHANGES_QUEUE_URL = f"{aws.queue}-gone"
    settings.RUNS_TABLE_NAME = "gone"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {
        "database": "ok", "queue": "misconfigured", "tables": "misconfigured", "mirror": "no worker has run yet",
    }  # fmt: skip


def test_not_ready_when_the_mirror_is_too_far_behind(client: Client, aws: Aws) -> None:
    aws.send("waiting")
    behind = (timezone.now() - timedelta(seconds=300)).isoformat()
    Pulse.objects.create(name="mirror", at=timezone.now(), detail={"reached": behind})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["mirror"]) == (503, "300 s behind")


def test_not_ready_without_a_database(client: Client, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("secret host")

    monkeypatch.setattr(health.connection, "cursor", away)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["database"]) == (503, "does not answer")
    assert "secret" not in answer.content.decode()


def test_reconcile_says_what_it_did(aws: Aws) -> None:
    aws.put_request()
    aws.put_request(approval_id="odd.manager", status="perhaps")
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert "ApprovalRequests: 2 items, 1 were updated here." in out.getvalue()
    assert "odd.manager: status 'perhaps' is not one of" in out.getvalue()


def test_a_command_that_could_not_finish_says_so(aws: Aws) -> None:
    aws.script("Scan", *[(500, "InternalServerError")] * 12)
    with pytest.raises(CommandError, match="start it again"):
        call_command("reconcile")
    aws.script("ReceiveMessage", (403, "AccessDenied"))
    with pytest.raises(CommandError, match="Not finished"):
        call_command("runworker", "--once")

"""The outbox at work, and the first try beside the request."""

import threading
import time
from typing import Any

import pytest
from django.db import OperationalError, connection

from approvals.delivery import outbox as module
from approvals.delivery import prompt
from approvals.delivery.outbox import Outbox
from approvals.models import Delivery
from tests.portal_cloud import Aws
from tests.unit.delivery.conftest import Decide

pytestmark = pytest.mark.django_db(transaction=True)
SUCCESS = "SendDurableExecutionCallbackSuccess"


def states() -> set[str]:
    return set(Delivery.objects.values_list("state", flat=True))


def test_all_that_is_due_is_delivered_and_each_once(decided: Decide, aws: Aws) -> None:
    for _ in range(40):
        decided()
    outbox = Outbox()
    while outbox.step() == 0:
        pass
    assert states() == {"delivered"}
    assert len(aws.answered()) == len({call.callback_id for call in aws.answered()}) == 40


def test_two_outboxes_deliver_each_once(decided: Decide, aws: Aws) -> None:
    for _ in range(30):
        decided()

    def work() -> None:
        outbox = Outbox()
        for _ in range(40):
            if outbox.step() and states() == {"delivered"}:
                break
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states() == {"delivered"}
    assert len(aws.answered()) == 30


def test_a_report_that_the_database_did_not_take_is_recorded_later(
    decided: Decide, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided()
    outbox, down = Outbox(), [True, True]
    whole = module.record

    def record(reports: Any) -> None:
        if down:
            down.pop()
            raise OperationalError("away")
        whole(reports)

    monkeypatch.setattr(module, "record", record)
    failures = 0
    for _ in range(10):
        try:
            outbox.step()
        except OperationalError:
            failures += 1
    assert (failures, states(), len(aws.answered())) == (2, {"delivered"}, 1)


def test_draining_records_what_is_under_way_and_begins_nothing(decided: Decide, aws: Aws) -> None:
    under_way = threading.Event()
    aws.script(SUCCESS, lambda: under_way.wait(5) and None)
    first = decided()
    outbox = Outbox()
    outbox.step()
    second = decided()
    threading.Timer(0.2, under_way.set).start()
    began = time.monotonic()
    outbox.drain()
    assert time.monotonic() - began < module.DRAIN  # it ends with the last report, not with its patience
    assert Delivery.objects.get(pk=first.pk).state == "delivered"
    assert Delivery.objects.get(pk=second.pk).attempts == 0


def test_the_first_try_runs_beside_the_request_with_a_connection_of_its_own(
    decided: Decide, aws: Aws, settings: Any
) -> None:
    settings.PROMPT_DELIVERY = True
    delivery = decided()
    prompt.finish()
    assert Delivery.objects.get(pk=delivery.pk).state == "delivered"


def test_a_first_try_that_fails_never_reaches_the_request(decided: Decide, aws: Aws, settings: Any) -> None:
    settings.PROMPT_DELIVERY = True
    aws.script(SUCCESS, (500, "ServiceException"))
    delivery = decided()
    prompt.finish()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind) == ("queued", "retryable")


def test_a_first_try_without_a_database_leaves_it_to_the_worker(
    decided: Decide, aws: Aws, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("away")

    settings.PROMPT_DELIVERY = True
    monkeypatch.setattr(prompt, "claim_one", away)
    delivery = decided()
    prompt.finish()
    assert Delivery.objects.get(pk=delivery.pk).attempts == 0
    assert "left to the worker" in caplog.text


def test_a_full_house_leaves_the_rest_to_the_worker(decided: Decide, aws: Aws, settings: Any) -> None:
    settings.PROMPT_DELIVERY = True
    held = threading.Event()
    aws.script(SUCCESS, *[lambda: held.wait(5) and None] * prompt.AT_ONCE)
    deliveries = [decided() for _ in range(prompt.AT_ONCE + 1)]
    assert Delivery.objects.get(pk=deliveries[-1].pk).attempts == 0
    held.set()
    prompt.finish()
    assert [Delivery.objects.get(pk=one.pk).state for one in deliveries[:-1]] == ["delivered"] * prompt.AT_ONCE


def test_prompt_delivery_can_be_turned_off(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    prompt.finish()
    assert Delivery.objects.get(pk=delivery.pk).attempts == 0


def test_a_forked_child_begins_with_an_empty_house() -> None:
    taken = prompt._room
    prompt._forget()
    assert prompt._room is not taken

"""Who carries a delivery: exactly one at a time, and never one whose lease has passed to somebody else."""

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import chain

import pytest
from django.db import connection
from django.utils import timezone

from approvals.aws.faults import Misconfigured
from approvals.delivery.carry import Report
from approvals.delivery.jobs import LEASE, Job, claim_due, claim_one
from approvals.delivery.record import record
from approvals.models import AuditEvent, Delivery
from approvals.policy import may_withdraw
from tests.factories import viewer
from tests.unit.delivery.conftest import Decide

pytestmark = pytest.mark.django_db(transaction=True)


def side_by_side[Answer](times: int, work: Callable[[], Answer]) -> list[Answer]:
    """Do the work in so many threads at once."""
    start, answers = threading.Barrier(times), []

    def run() -> None:
        start.wait()
        try:
            answers.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == times
    return answers


def test_two_deliverers_never_carry_the_same_row(decided: Decide) -> None:
    for _ in range(6):
        decided()
    taken = list(chain.from_iterable(side_by_side(4, lambda: claim_due(6))))
    taken += claim_due(6)  # whatever a lock made the four pass over
    assert len(taken) == len({job.pk for job in taken}) == 6


def test_worker_and_prompt_thread_never_carry_the_same_row(decided: Decide) -> None:
    delivery = decided()
    taken: list[list[Job]] = side_by_side(
        4, lambda: [job for job in [claim_one(delivery.pk, LEASE)] if job] + claim_due(1)
    )
    assert len(list(chain.from_iterable(taken))) <= 1
    delivery.refresh_from_db()
    assert delivery.attempts == 1


def test_the_oldest_go_first_and_only_those_that_are_due(decided: Decide) -> None:
    late, later, not_yet = decided(), decided(), decided()
    now = timezone.now()
    for delivery, minutes in ((late, -2), (later, -1), (not_yet, 1)):
        Delivery.objects.filter(pk=delivery.pk).update(next_try_at=now + timedelta(minutes=minutes))
    assert [job.pk for job in claim_due(5)] == [late.pk, later.pk]


def test_a_lease_that_ended_passes_the_row_on(decided: Decide) -> None:
    delivery = decided()
    [first] = claim_due(1)
    assert claim_due(1) == []
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=timezone.now())
    [second] = claim_due(1)
    assert (first.attempts, second.attempts) == (1, 2)


def test_a_worker_that_slept_through_its_lease_overwrites_nothing(decided: Decide) -> None:
    delivery = decided()
    [sleeper] = claim_due(1)
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=timezone.now())
    [waking] = claim_due(1)
    record([Report(waking, written_at=timezone.now(), accepted_at=timezone.now())])
    record([Report(sleeper, fault=Misconfigured("too late"))])
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("delivered", "")
    assert not AuditEvent.objects.filter(action="delivery.stuck").exists()


def test_a_sleeper_from_before_an_admins_retry_overwrites_nothing(decided: Decide) -> None:
    delivery = decided()
    [sleeper] = claim_due(1)
    Delivery.objects.filter(pk=delivery.pk).update(attempts=0, next_try_at=timezone.now())
    [again] = claim_due(1)
    assert again.attempts == sleeper.attempts
    record([Report(sleeper, fault=Misconfigured("too late"))])
    assert Delivery.objects.get(pk=delivery.pk).state == "queued"


def test_what_was_taken_up_can_no_longer_be_withdrawn_unsent(started: Callable[..., Delivery]) -> None:
    delivery = started()
    assert delivery.submission is not None
    assert may_withdraw(viewer("rita"), delivery.submission)
    claim_due(1)
    assert not may_withdraw(viewer("rita"), delivery.submission)

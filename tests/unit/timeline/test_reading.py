"""Histories are read page by page, in turns of a rate that threads and processes share."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from approvals.aws.faults import Retryable
from approvals.models import Allowance
from approvals.timeline import reading
from approvals.timeline.reading import Busy, read
from tests.databases import address_of
from tests.unit.timeline.conftest import ARN, Lambda
from tests.unit.timeline.histories import events_of, many_steps

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
# What another process of the portal does: take so many turns, and say how many it got.
TAKING = """
import django; django.setup()
from datetime import timedelta
from approvals.models import Allowance
print(sum(not Allowance.objects.take("history", timedelta(minutes=1), timedelta(minutes=9.5)) for _ in range(12)))
"""


def test_all_pages_are_read_with_their_data_each_in_its_turn(aws_lambda: Lambda) -> None:
    events = events_of("loan")
    aws_lambda.gives(events[:20], events[20:40], events[40:])
    story = read(ARN, patience=1)
    assert (len(story.operations), story.has_ended, story.is_cut) == (27, True, False)
    assert aws_lambda.is_done
    assert Allowance.objects.get(name="history").taken == 3


def test_a_history_without_end_is_cut(aws_lambda: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_PAGES", 2)
    aws_lambda.gives(many_steps(2), [], goes_on=True)
    assert read(ARN, patience=1).is_cut


def test_who_has_no_turn_in_time_asks_aws_nothing(aws_lambda: Lambda) -> None:
    Allowance.objects.create(name="history", next_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(Busy):
        read(ARN, patience=0.2)
    assert aws_lambda.in_transaction == []


def test_a_fault_between_pages_is_raised_as_what_it_means(aws_lambda: Lambda) -> None:
    aws_lambda.gives(events_of("loan")[:5], goes_on=True)
    aws_lambda.refuses("TooManyRequestsException", 429)
    with pytest.raises(Retryable):
        read(ARN, patience=1)


def test_after_a_rest_a_few_turns_come_at_once_and_then_one_by_one() -> None:
    waits = [Allowance.objects.take("history", MINUTE, MINUTE * 2.5) for _ in range(5)]
    assert [bool(one) for one in waits] == [False, False, False, True, True]
    assert waits[3] <= MINUTE


def test_the_worker_leaves_turns_to_pages() -> None:
    assert not Allowance.objects.take("history", MINUTE, MINUTE / 2)
    assert Allowance.objects.take("history", MINUTE, MINUTE / 2)
    assert not Allowance.objects.take("history", MINUTE, MINUTE * 3)


def test_threads_never_take_more_turns_than_there_are(at_once: Callable[..., list[Any]]) -> None:
    def take() -> int:
        return sum(not Allowance.objects.take("history", MINUTE, MINUTE * 9.5) for _ in range(6))

    took = at_once(take, take, take, take)
    assert sum(took) == Allowance.objects.get(name="history").taken == 10


def test_processes_share_the_turns_too() -> None:
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": address_of(connection.settings_dict),
    }
    argv = [sys.executable, "-c", TAKING]
    both = [subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    took = [int(one.communicate(timeout=60)[0]) for one in both]
    assert sum(took) == Allowance.objects.get(name="history").taken == 10

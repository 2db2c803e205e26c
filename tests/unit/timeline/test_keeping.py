"""A timeline is read when the run has moved, at most every few seconds, and kept once for good when it has ended."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from django.utils import timezone

from approvals.aws import clients
from approvals.models import Allowance, Run, Timeline
from approvals.timeline.history import History
from approvals.timeline.keeping import FRESH, keep_due, refresh
from tests.factories import run
from tests.unit.timeline.conftest import ARN, Lambda
from tests.unit.timeline.histories import error, event, events_of, result

pytestmark = pytest.mark.django_db(transaction=True)


def ended_run(**fields: Any) -> Run:
    """A run that the mirror saw end, its timeline due."""
    found = run(run_arn=ARN, **{"status": "succeeded", **fields})
    Timeline.objects.note_ended([found.run_name])
    return found


def make_due(found: Run) -> None:
    Timeline.objects.filter(run_name=found.run_name).update(due_at=timezone.now() - timedelta(seconds=1))


def timeline(found: Run) -> Timeline:
    return Timeline.objects.get(run_name=found.run_name)


def keep() -> int:
    return keep_due(threading.Event())


def some_seconds_later(found: Run) -> None:
    Timeline.objects.filter(run_name=found.run_name).update(claimed_at=timezone.now() - FRESH * 2)


def test_the_worker_keeps_what_has_ended_and_asks_never_again(aws_lambda: Lambda) -> None:
    found = ended_run()
    make_due(found)
    aws_lambda.gives(events_of("expense"))
    assert keep() == 1
    kept = timeline(found)
    assert kept.kept_at
    assert (kept.is_whole, kept.due_at, kept.fault) == (True, None, "")
    assert keep() == 0
    assert refresh(found, again=True) == kept


def test_an_execution_that_has_not_ended_yet_is_read_again_later_each_time(aws_lambda: Lambda) -> None:
    found = ended_run()
    pauses = []
    for _ in range(3):
        make_due(found)
        aws_lambda.gives(events_of("expense")[:-1])
        keep()
        pauses.append((timeline(found).due_at or timezone.now()) - timezone.now())
    assert timeline(found).story is not None
    assert timeline(found).kept_at is None
    assert pauses == sorted(pauses)
    make_due(found)
    aws_lambda.gives(events_of("expense"))
    keep()
    assert timeline(found).is_whole


@pytest.mark.parametrize(
    ("code", "status", "fault"),
    [
        ("TooManyRequestsException", 429, "busy"),
        ("ServiceException", 500, "unreachable"),
        ("AccessDeniedException", 403, "refused"),
        ("ResourceNotFoundException", 404, "odd"),
        ("InvalidParameterValueException", 400, "odd"),
    ],
)
def test_a_fault_is_kept_in_words_and_tried_again(code: str, status: int, fault: str, aws_lambda: Lambda) -> None:
    found = ended_run()
    make_due(found)
    aws_lambda.refuses(code, status)
    keep()
    tried = timeline(found)
    assert (tried.fault, tried.kept_at, tried.attempts) == (fault, None, 1)
    assert code in tried.fault_text
    assert tried.due_at
    assert tried.due_at > timezone.now()


def test_aws_away_does_not_make_the_worker_try_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")

    monkeypatch.setattr(clients.functions(), "get_durable_execution_history", away)
    for found in (ended_run(), ended_run()):
        make_due(found)
    assert keep() == 1
    assert list(Timeline.objects.order_by("id").values_list("fault", flat=True)) == ["unreachable", ""]
    clients.forget()


def test_what_aws_has_forgotten_keeps_what_was_read_before(aws_lambda: Lambda) -> None:
    found = run(run_arn=ARN)
    aws_lambda.gives(events_of("expense_open"))
    refresh(found)
    Run.objects.update(status="failed", updated_at=timezone.now() - timedelta(days=40), version=9)
    Timeline.objects.note_ended([found.run_name])
    make_due(found)
    aws_lambda.refuses("ResourceNotFoundException", 404)
    keep()
    kept = timeline(found)
    assert (kept.fault, kept.is_whole, kept.due_at) == ("forgotten", False, None)
    assert kept.kept_at
    assert kept.story


def test_a_page_reads_once_for_each_move_of_the_run(aws_lambda: Lambda) -> None:
    found = run(run_arn=ARN)
    aws_lambda.gives(events_of("expense_open"))
    for _ in range(3):
        refresh(found)
        some_seconds_later(found)
    found.version = 2
    aws_lambda.gives(events_of("expense"))
    assert (refresh(found) or Timeline()).is_whole
    assert Allowance.objects.get(name="history").taken == 2


def test_asking_again_and_again_reads_once_in_a_few_seconds(aws_lambda: Lambda) -> None:
    found = run(run_arn=ARN)
    aws_lambda.gives(events_of("expense_open"))
    for _ in range(5):
        refresh(found, again=True)
    some_seconds_later(found)
    aws_lambda.gives(events_of("expense_open"))
    refresh(found, again=True)
    assert aws_lambda.is_done


def test_two_people_who_look_at_once_make_one_reading(aws_lambda: Lambda, at_once: Callable[..., list[Any]]) -> None:
    found = run(run_arn=ARN)
    aws_lambda.gives(events_of("expense"))
    at_once(lambda: refresh(found), lambda: refresh(found))
    assert timeline(found).is_whole
    assert len(aws_lambda.in_transaction) == 1


def test_two_workers_keep_each_timeline_once(aws_lambda: Lambda, at_once: Callable[..., list[Any]]) -> None:
    for number in range(4):
        make_due(ended_run(run_name=f"expense-w{number}"))
        aws_lambda.gives(events_of("expense"))
    assert sum(at_once(keep, keep)) == 4
    assert Timeline.objects.filter(is_whole=True).count() == 4
    assert len(aws_lambda.in_transaction) == 4


def test_a_late_answer_of_an_earlier_reading_changes_nothing(aws_lambda: Lambda) -> None:
    found = run(run_arn=ARN, version=5)
    aws_lambda.gives(events_of("expense"))
    refresh(found)
    kept = timeline(found)
    some_seconds_later(found)
    found.version = 4
    refresh(found, again=True)
    assert timeline(found).story == kept.story


def test_marks_that_no_database_takes_do_not_stop_the_worker(aws_lambda: Lambda) -> None:
    found = ended_run()
    make_due(found)
    odd = "a\x00b\ud800c"
    step = {"key": "a", "name": "step"}
    events = [event("StepStarted", 1, **step), event("StepSucceeded", 2, **step, Result=result(odd))]
    aws_lambda.gives([*events, event("ExecutionFailed", 3, Error=error(odd))])
    keep()
    assert timeline(found).story["operations"][0]["result"] == "abc"
    assert timeline(found).is_whole


def test_a_history_of_an_unforeseen_shape_is_told_and_the_next_is_read(
    aws_lambda: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, usual = ended_run(run_name="expense-odd"), ended_run(run_name="expense-usual")
    for found in (odd, usual):
        make_due(found)
    aws_lambda.gives(events_of("expense"))
    take = History.add

    def stumble(history: History, events: Any) -> None:
        monkeypatch.setattr(History, "add", take)
        raise TypeError("an event of another world")

    monkeypatch.setattr(History, "add", stumble)
    aws_lambda.gives(events_of("expense"))
    assert keep() == 2
    assert (timeline(odd).fault, timeline(usual).fault) == ("odd", "")
    assert timeline(usual).is_whole


def test_a_run_that_never_said_where_it_runs_is_not_asked_for(aws_lambda: Lambda) -> None:
    found = run(run_arn="")
    assert refresh(found, again=True) is None
    Timeline.objects.note_ended([found.run_name])
    make_due(found)
    assert keep() == 1
    assert aws_lambda.in_transaction == []


def test_seen_to_end_twice_is_due_once_and_kept_is_never_due_again(aws_lambda: Lambda) -> None:
    found = ended_run()
    make_due(found)
    aws_lambda.gives(events_of("expense"))
    keep()
    Timeline.objects.note_ended([found.run_name, found.run_name])
    assert timeline(found).due_at is None


def test_runs_that_ended_unnoticed_are_found_while_aws_may_know_them() -> None:
    known, missed, old = run(status="succeeded"), run(status="denied"), run(status="failed")
    run()
    Timeline.objects.note_ended([known.run_name])
    Run.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(days=91))
    assert Timeline.objects.note_missed() == 1
    assert timeline(missed).due_at
    assert Timeline.objects.note_missed() == 0

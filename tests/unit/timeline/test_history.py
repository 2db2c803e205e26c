"""A history becomes operations: nested, retried, replayed, open, and of kinds that nobody knows yet."""

from datetime import timedelta

import pytest

from approvals.timeline.history import story_of
from approvals.timeline.story import Kind, State, from_json, to_json
from tests.unit.timeline.histories import START, error, event, many_steps, named, names, recorded, result


def test_a_finished_expense_has_its_operations_its_end_and_its_replays() -> None:
    story = recorded("expense")
    asked = named(story, "manager")
    assert (story.state, story.replays) == (State.DONE, 2)
    assert (asked.kind, asked.sub, asked.state) == (Kind.CONTEXT, "WaitForCallback", State.DONE)
    inside = [one for one in story.operations if one.parent == story.operations.index(asked)]
    assert [(one.kind, one.name) for one in inside] == [
        (Kind.CALLBACK, "manager create callback id"),
        (Kind.STEP, "manager submitter"),
    ]
    assert named(story, "reimbursement id").result == "RB-MH2XVJTPH1"
    assert all(one.ended and one.state is State.DONE for one in story.operations)


def test_a_run_that_waits_is_open_and_so_is_what_it_waits_for() -> None:
    story = recorded("expense_open")
    assert not story.has_ended
    assert names([one for one in story.operations if one.state is State.OPEN]) == [
        "manager",
        "manager create callback id",
    ]


def test_a_bureau_that_answered_at_the_second_attempt_shows_both() -> None:
    story = recorded("loan")
    branches = [one for one in story.operations if one.sub == "ParallelBranch"]
    assert names(branches) == ["northern", "harbour", "meridian"]
    [retried] = [one for one in story.operations if one.tries == 2]
    assert story.operations[retried.parent or 0].name == "meridian"
    assert [(one.error, one.pause) for one in retried.attempts] == [("meridian did not answer in time", 2), ("", None)]
    assert (retried.state, retried.error, retried.result) == (State.DONE, "", "784")


def test_a_called_function_is_named_with_the_outcome_it_gave() -> None:
    story = recorded("trip_undone")
    assert named(story, "reserve car").target == "countersign-booking-reserve-car"
    outcomes = {one.name: one.outcome for one in story.operations if one.kind is Kind.INVOKE}
    assert outcomes["reserve flight"] == "reserved"
    assert outcomes["reserve car"] == "refused"
    assert outcomes["cancel flight"] == "cancelled"


@pytest.mark.parametrize("name", ["expense", "expense_open", "loan", "trip_undone"])
def test_what_is_stored_reads_back_the_same(name: str) -> None:
    stored = to_json(recorded(name))
    assert to_json(from_json(stored)) == stored
    assert [vars(one)["name"] for one in from_json(stored).operations] == names(recorded(name).operations)


def test_invocations_have_the_times_that_the_service_gives() -> None:
    told = {"StartTimestamp": START, "EndTimestamp": START + timedelta(seconds=2), "RequestId": "r"}
    story = story_of(
        [event("ExecutionStarted", 0), event("InvocationCompleted", 3, **told, Error=error("out of memory"))]
    )
    [ran] = story.invocations
    assert (ran.started, ran.ended, ran.error) == (START, START + timedelta(seconds=2), "out of memory")


def test_a_step_that_waits_for_its_next_attempt_is_open_until_then() -> None:
    retry = {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 30}
    story = story_of(
        [
            event("StepStarted", 1, "a", "pay"),
            event("StepFailed", 2, "a", "pay", Error=error("busy"), RetryDetails=retry),
        ]
    )
    [step] = story.operations
    assert (step.state, step.ended, step.due) == (State.OPEN, None, START + timedelta(seconds=32))
    assert step.attempts[0].error == "busy"


@pytest.mark.parametrize(
    ("kind", "state"),
    [("ExecutionFailed", State.FAILED), ("ExecutionTimedOut", State.TIMED_OUT), ("ExecutionStopped", State.STOPPED)],
)
def test_every_end_of_an_execution_is_an_end(kind: str, state: State) -> None:
    story = story_of([event("ExecutionStarted", 0), event(kind, 9, Error=error("the end"))])
    assert (story.state, story.error, story.has_ended) == (state, "the end", True)


def test_the_last_attempt_that_failed_ends_the_step_whatever_delay_is_written() -> None:
    for retry in ({"CurrentAttempt": 3}, {"CurrentAttempt": 3, "NextAttemptDelaySeconds": 0}):
        story = story_of(
            [event("StepStarted", 1, "a"), event("StepFailed", 2, "a", Error=error("no"), RetryDetails=retry)]
        )
        assert story.operations[0].state is State.FAILED


def test_what_is_open_when_the_execution_ends_ends_with_it() -> None:
    story = story_of([event("CallbackStarted", 1, "c", CallbackId="c" * 30), event("ExecutionStopped", 9)])
    [left] = story.operations
    assert (left.state, left.ended) == (State.CANCELLED, START + timedelta(seconds=9))


def test_a_pause_is_no_end() -> None:
    paused = story_of([event("ExecutionStarted", 0), event("ExecutionPaused", 5)])
    resumed = story_of([event("ExecutionStarted", 0), event("ExecutionPaused", 5), event("ExecutionResumed", 9)])
    assert [(one.is_paused, one.has_ended) for one in (paused, resumed)] == [(True, False), (False, False)]


def test_waits_and_callbacks_say_until_when() -> None:
    story = story_of(
        [
            event("WaitStarted", 1, "w", "pause", Duration=60, ScheduledEndTimestamp=START + timedelta(seconds=61)),
            event("CallbackStarted", 1, "c", "answer", CallbackId="c" * 50, Timeout=3600),
        ]
    )
    assert [one.due for one in story.operations] == [START + timedelta(seconds=61), START + timedelta(seconds=3601)]


def test_kinds_of_event_that_came_later_are_shown_as_plain_operations() -> None:
    story = story_of(
        [event("SignalStarted", 1, "x", "knock"), event("SignalTimedOut", 4, "x", "knock"), {"EventType": "?"}]
    )
    [signal] = story.operations
    assert (signal.kind, signal.name, signal.state) == (Kind.OTHER, "knock", State.TIMED_OUT)


def test_the_most_operations_that_an_execution_can_have_are_read() -> None:
    story = story_of([event("ContextStarted", 0, "m", "all"), *many_steps(2999, "m")])
    assert len(story.operations) == 3000
    assert all(one.parent == 0 for one in story.operations[1:])


def test_json_results_lose_the_marks_of_the_sdks_format() -> None:
    told = {"t": "m", "v": {"total": {"t": "d", "v": "12.50"}, "lines": {"t": "l", "v": [{"t": "i", "v": 1}]}}}
    story = story_of([event("StepStarted", 1, "a", "sum"), event("StepSucceeded", 1, "a", "sum", Result=result(told))])
    assert story.operations[0].result == '{"total": "12.50", "lines": [1]}'

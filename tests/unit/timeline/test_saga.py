"""The saga map: how each booking of a trip stands, from the history, the answers of people, or the mirror alone."""

from typing import Any

import pytest

from approvals.timeline.history import story_of
from approvals.timeline.saga import Station, saga_of
from approvals.timeline.story import Story
from tests.factories import approval_request, policy, run
from tests.unit.timeline.histories import error, event, recorded, result

pytestmark = pytest.mark.django_db


def line(step: str, level: str = "info") -> dict[str, str]:
    return {"step": step, "level": level, "at": "2026-11-21T09:00:00Z", "message": ""}


def called(what: str, outcome: str | None, second: int) -> list[dict[str, Any]]:
    """A call of a booking function with its outcome; None for one that broke."""
    key = {"key": what, "name": what}
    end = (
        event("ChainedInvokeSucceeded", second + 1, **key, Result=result({"outcome": outcome}))
        if outcome
        else event("ChainedInvokeFailed", second + 1, **key, Error=error("timeout"))
    )
    return [event("ChainedInvokeStarted", second, **key, FunctionName="f:live"), end]


def states(found: list[Station]) -> dict[str, str]:
    return {one.service: one.state for one in found}


def test_a_booked_trip_is_done() -> None:
    result_ = {"bookings": [{"service": service, "state": "booked"} for service in ("flight", "hotel", "car")]}
    trip = run(workflow="travel", status="succeeded", result=result_)
    assert states(saga_of(trip, None, [])) == {"flight": "done", "hotel": "done", "car": "done"}


def test_a_trip_whose_car_was_refused_is_undone_and_says_what_broke_it() -> None:
    trip = run(workflow="travel", status="denied")
    found = saga_of(trip, recorded("trip_undone"), [])
    assert states(found) == {"flight": "undone", "hotel": "undone", "car": "undone"}
    assert [one.service for one in found if one.was_refused] == ["car"]


def test_a_trip_under_way_shows_what_is_booked_and_what_comes() -> None:
    trip = run(workflow="travel", status="running")
    story = story_of([*called("reserve flight", "reserved", 1), event("ChainedInvokeStarted", 3, "h", "reserve hotel")])
    assert states(saga_of(trip, story, [])) == {"flight": "done", "hotel": "acting", "car": "planned"}


def test_an_undo_that_failed_is_stuck_until_operators_answer() -> None:
    trip = run(workflow="travel", status="waiting")
    story = story_of(
        [
            *called("reserve flight", "reserved", 1),
            *called("reserve hotel", "refused", 3),
            *called("cancel flight", None, 5),
        ]
    )
    asked = approval_request(run_name=trip.run_name, stage="undo-flight", workflow="travel", policy=policy("operators"))
    [flight, hotel, car] = saga_of(trip, story, [asked])
    assert (flight.state, flight.request) == ("stuck", asked.approval_id)
    assert (hotel.state, hotel.was_refused, car.state) == ("refused", True, "untouched")


@pytest.mark.parametrize(
    ("answer", "state"), [("done_by_hand", "done_by_hand"), ("waive", "waived"), ("retry", "undoing")]
)
def test_what_operators_answered_counts(answer: str, state: str) -> None:
    trip = run(workflow="travel", status="running")
    story = story_of([*called("reserve flight", "reserved", 1), *called("cancel flight", None, 5)])
    decision = {"decision": answer, "decided_by": "otto"}
    asked = approval_request(
        run_name=trip.run_name, stage="undo-flight", workflow="travel", status="rejected", decision=decision
    )
    flight = saga_of(trip, story, [asked])[0]
    assert (flight.state, flight.by) == (state, "otto" if state != "undoing" else "")


def test_a_retried_undo_that_worked_is_undone() -> None:
    trip = run(
        workflow="travel",
        status="running",
        progress=[
            line("reserve_flight"),
            line("undo", "warning"),
            line("cancel_flight", "error"),
            line("cancel_flight"),
        ],
    )
    asked = approval_request(
        run_name=trip.run_name,
        stage="undo-flight",
        workflow="travel",
        status="approved",
        decision={"decision": "retry"},
    )
    assert states(saga_of(trip, None, [asked]))["flight"] == "undone"


def test_without_a_history_the_lines_of_progress_tell() -> None:
    progress = [
        line("approval"),
        line("reserve_flight"),
        line("reserve_hotel"),
        line("undo", "warning"),
        line("cancel_hotel", "error"),
    ]
    trip = run(workflow="travel", status="running", progress=progress)
    assert states(saga_of(trip, None, [])) == {"flight": "to_undo", "hotel": "stuck", "car": "untouched"}


def test_a_run_that_died_while_booking_does_not_pretend_to_know() -> None:
    trip = run(workflow="travel", status="failed", progress=[line("reserve_flight"), line("reserve_hotel")])
    assert states(saga_of(trip, None, [])) == {"flight": "done", "hotel": "unsure", "car": "untouched"}


def test_other_workflows_and_trips_that_book_nothing_have_no_map() -> None:
    assert saga_of(run(), Story(), []) == []
    assert saga_of(run(workflow="travel", status="denied"), Story(), []) == []

"""The travel workflow as people live it."""

from typing import Any

import pytest

from approvals.models import ApprovalRequest
from approvals.web.progress_notes import progress_words
from approvals.web.summaries import summary_words
from functions.bookings import flight
from tests.german import german
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.trips import Desk, open_desk, trip
from workflows.travel import handler

RESERVES = ["reserve-flight", "reserve-hotel", "reserve-car"]
BOOKED = {"flight": "reserved", "hotel": "reserved", "car": "reserved"}


@pytest.fixture
def desk(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return open_desk(cloud, monkeypatch)


def states(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(booking["service"], booking["state"]) for booking in result["bookings"]]


def test_a_small_trip_is_booked_without_a_person(play: Play, cloud: Cloud, desk: Desk) -> None:
    result = desk.serve(play(handler)).start(trip()).result()

    assert (result["status"], result["total"]) == ("succeeded", "230.50")
    assert (desk.calls, desk.rows()) == (RESERVES, BOOKED)
    assert cloud.requests() == []


@pytest.mark.parametrize("change", [{"flightPrice": "5000"}, {"carPrice": None}], ids=["dear", "price not known"])
def test_no_money_moves_before_the_approval(play: Play, cloud: Cloud, desk: Desk, change: dict[str, Any]) -> None:
    stage = desk.serve(play(handler)).start(trip(requester="rita") | change)
    asked = stage.waiting("approval")
    assert desk.calls == []
    assert {"rita", "Ada Obi"} <= set(asked["policy"]["exclude"])
    assert asked["policy"]["groups"] == ["managers"]
    stage.suspended(1)
    stage.decide(asked, decided_by="mona")

    assert stage.result()["approved_by"] == "mona"
    assert desk.calls == RESERVES
    assert stage.invocations() >= 2


def test_a_refused_trip_books_nothing(play: Play, cloud: Cloud, desk: Desk) -> None:
    stage = desk.serve(play(handler)).start(trip(flightPrice="5000"))
    stage.decide(stage.waiting("approval"), "rejected", comments="Take the train")

    assert (stage.result()["status"], stage.result()["reason"]) == ("denied", "Take the train")
    assert (desk.calls, desk.rows()) == ([], {})


def untold(cloud: Cloud) -> list[str]:
    """What the run says of itself and the portal, which has our sentences a second time, does not know any more."""
    run = cloud.run()
    said = [line["message"] for line in run["progress"]]
    said += [run["error"]["message"]] if run.get("error") else []
    with german():
        return [one for one in said if progress_words(one, {}) == one]


@pytest.mark.parametrize(("service", "done"), [("Flight", 1), ("Hotel", 2), ("Car", 3)])
def test_a_refusal_undoes_what_was_done_in_reverse_order(
    play: Play, cloud: Cloud, desk: Desk, service: str, done: int
) -> None:
    result = desk.serve(play(handler)).start(trip(**{f"failBook{service}": True})).result()

    services = ["flight", "hotel", "car"][:done]
    assert result["status"] == cloud.run()["status"] == "denied"
    assert "simulated" in result["reason"]
    assert desk.calls == RESERVES[:done] + [f"cancel-{name}" for name in reversed(services)]
    assert states(result) == [(name, "undone") for name in reversed(services)]
    assert set(desk.rows().values()) == {"cancelled"}
    assert untold(cloud) == []


def test_17_a_refusal_is_not_tried_again_and_an_outage_is_with_bounds(play: Play, cloud: Cloud, desk: Desk) -> None:
    desk.before["reserve-hotel"] = 2
    result = desk.serve(play(handler)).start(trip(failBookCar=True)).result()

    assert result["status"] == "denied"
    assert desk.calls.count("reserve-hotel") == 3
    assert desk.calls.count("reserve-car") == 1


def test_32_what_wrote_and_then_failed_is_undone_too(play: Play, cloud: Cloud, desk: Desk) -> None:
    desk.after["reserve-hotel"] = 3
    failure = desk.serve(play(handler)).start(trip()).failure()

    assert "hotel" in (failure.message or "")
    assert desk.rows() == {"flight": "cancelled", "hotel": "cancelled"}
    assert cloud.run()["status"] == "failed"
    assert [entry["state"] for entry in cloud.run()["compensation"]["bookings"]] == ["undone", "undone"]
    assert untold(cloud) == []


def test_16_a_lost_answer_books_once(play: Play, cloud: Cloud, desk: Desk) -> None:
    desk.after["reserve-flight"] = 1

    assert desk.serve(play(handler)).start(trip()).result()["status"] == "succeeded"
    assert (desk.calls.count("reserve-flight"), desk.rows()) == (2, BOOKED)


@pytest.mark.parametrize(("answer", "reason"), [("done_by_hand", "Called them"), ("waive", "Worth 3 dollars")])
def test_18_a_failed_undo_waits_for_operators_and_the_run_with_it(
    play: Play, cloud: Cloud, desk: Desk, answer: str, reason: str
) -> None:
    desk.before["cancel-flight"] = 99
    stage = desk.serve(play(handler)).start(trip(failBookHotel=True))
    asked = stage.waiting("undo-flight")
    assert (asked["kind"], asked["policy"]["groups"]) == ("question", ["operators"])
    assert asked["options"] == ["retry", "done_by_hand", "waive"]
    assert cloud.run()["status"] == "waiting"
    with german():
        shown = ApprovalRequest(workflow="travel", summary=asked["summary"])
        assert summary_words(shown) != shown.summary
    stage.decide(asked, answer, decided_by="olga", comments=reason)

    result = stage.result()
    assert states(result) == [("hotel", "undone"), ("flight", answer)]
    assert (result["bookings"][1]["by"], result["bookings"][1]["reason"]) == ("olga", reason)


def test_an_operator_can_have_the_undo_tried_again(play: Play, cloud: Cloud, desk: Desk) -> None:
    desk.before["cancel-flight"] = 3
    stage = desk.serve(play(handler)).start(trip(failBookFlight=True))
    stage.decide(stage.waiting("undo-flight"), "retry", decided_by="olga")

    assert states(stage.result()) == [("flight", "undone")]
    assert desk.calls.count("cancel-flight") == 4


def test_a_waiver_without_a_reason_and_silence_settle_nothing(
    play: Play, cloud: Cloud, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.before["cancel-flight"] = 99
    monkeypatch.setenv("OPERATOR_WAIT_SECONDS", "2")
    stage = desk.serve(play(handler)).start(trip(failBookFlight=True))
    stage.decide(stage.waiting("undo-flight"), "waive", decided_by="olga", comments=" ")
    stage.waiting("undo-flight.2")  # nobody answers this one
    stage.decide(stage.waiting("undo-flight.3"), "waive", decided_by="olga", comments="Closed down")

    assert states(stage.result()) == [("flight", "waive")]
    assert [item["status"] for item in cloud.requests()] == ["rejected", "timeout", "rejected"]
    assert untold(cloud) == []


def test_an_undo_that_nobody_can_settle_fails_the_run_by_name(
    play: Play, cloud: Cloud, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows import saga

    monkeypatch.setattr(saga, "QUESTIONS", 0)
    monkeypatch.setenv("OPERATOR_WAIT_SECONDS", "1")
    desk.before["cancel-hotel"] = 99
    failure = desk.serve(play(handler)).start(trip(failBookCar=True)).failure()

    assert "Not undone: hotel hotel-" in (failure.message or "")
    run = cloud.run()
    assert run["status"] == "failed"
    # The others do not stay booked for it.
    assert [one["state"] for one in run["compensation"]["bookings"]] == ["undone", "stuck", "undone"]
    assert desk.rows()["flight"] == "cancelled"
    assert untold(cloud) == []


def test_33_failure_switches_do_nothing_where_the_stack_forbids_them(
    play: Play, cloud: Cloud, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_FAILURE_INJECTION", "false")
    event = {"booking_id": "flight-1", "run_name": "r", "simulate_failure": True}

    assert desk.serve(play(handler)).start(trip(failBookHotel=True)).result()["status"] == "succeeded"
    assert flight.reserve(event, None)["outcome"] == "reserved"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"passengerName": None}, "passengerName must be text"),
        ({"flightPrice": 99.5}, "flightPrice must be text"),
        ({"checkIn": "2026-12-03", "checkOut": "2026-12-03"}, "checkOut must be after checkIn"),
        ({"failBookCar": "true"}, "failBookCar must be true or false"),
        ({"seat": "4A"}, "seat is not a field"),
    ],
)
def test_33_a_bad_trip_fails_at_once(
    play: Play, cloud: Cloud, desk: Desk, change: dict[str, Any], sentence: str
) -> None:
    assert sentence in (desk.serve(play(handler)).start(trip() | change).failure().message or "")
    assert desk.calls == []


def test_32_an_undo_of_nothing_is_done_and_a_late_reserve_after_it_books_nothing(desk: Desk) -> None:
    event = {"booking_id": "flight-1", "run_name": "r"}

    assert flight.cancel(event, None)["outcome"] == "cancelled"
    assert flight.reserve(event, None)["outcome"] == "refused"
    assert desk.rows() == {"flight": "cancelled"}

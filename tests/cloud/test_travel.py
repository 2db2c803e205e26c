"""Trips from the form to the end on the local cloud: bookings, failures, undos, and operators for a failed undo."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from approvals.models import ApprovalRequest
from tests.cloud.sheets import any_run, bookings, file, redeployed
from tests.office import Office
from tests.unit.web.more_forms import trip

pytestmark = [pytest.mark.cloud]
SERVICES = ("flight", "hotel", "car")


@pytest.fixture(scope="module", autouse=True)
def _worker(office: Office) -> None:
    office.hire_worker()


def small_trip(**changes: str) -> dict[str, Any]:
    """The form of a trip that needs no approval."""
    return trip(flightPrice="100", hotelPrice="90.50", carPrice="40") | changes


def plain_trip(**changes: Any) -> dict[str, Any]:
    """A plain caller's trip that needs no approval."""
    fields = {"passengerName": "Ada Obi", "departure": "Oslo", "destination": "Lyon", "requester": "rita"}
    return {**fields, "flightPrice": "100", "hotelPrice": "90.50", "carPrice": "40"} | changes


def states(result: Any) -> dict[str, str]:
    return {booking["service"]: booking["state"] for booking in result["bookings"]}


def test_a_trip_is_approved_before_money_moves_and_then_booked(office: Office) -> None:
    run_name = file(office, "travel", trip())  # the car's price is not known
    request = office.request(run_name, "approval")
    assert (request.amount, bookings(office, run_name)) == (Decimal("510.50"), {})
    assert office.answer("adam", request, "approved").status_code == 302
    run = office.ended(run_name)
    assert run.result is not None
    assert (run.status, run.result["approved_by"]) == ("succeeded", "adam")
    assert states(run.result) == dict.fromkeys(SERVICES, "booked")
    assert bookings(office, run_name) == dict.fromkeys(SERVICES, "reserved")


def test_a_trip_that_is_rejected_books_nothing(office: Office) -> None:
    run_name = file(office, "travel", trip())
    office.answer("adam", office.request(run_name, "approval"), "rejected", "Take the train.")
    assert office.ended(run_name).status == "denied"
    assert bookings(office, run_name) == {}


def test_each_service_that_fails_has_what_was_booked_before_it_undone(office: Office) -> None:
    with override_settings(DEMO=True):  # where the form has the switches
        names = {
            service: file(office, "travel", small_trip(**{f"failBook{service.capitalize()}": "on"}))
            for service in SERVICES
        }
    for number, (service, run_name) in enumerate(names.items()):
        run = office.ended(run_name)
        assert run.status == "denied"
        assert run.result is not None
        assert f"The {service} was refused" in run.result["reason"]
        undone = [booking["service"] for booking in run.result["bookings"]]
        assert undone == list(reversed(SERVICES[: number + 1]))
        assert set(states(run.result).values()) == {"undone"}
        assert bookings(office, run_name) == dict.fromkeys(SERVICES[:number], "cancelled")
    assert not ApprovalRequest.objects.filter(run_name__in=names.values()).exists()


def test_a_failed_undo_is_settled_by_operators_at_the_portal_each_in_their_way(office: Office) -> None:
    names = {answer: any_run("travel") for answer in ("retry", "done_by_hand", "waive")}
    with redeployed(office, "booking-cancel-flight", BOOKINGS_TABLE_NAME="nobody-made-this-table"):
        for run_name in names.values():
            office.invoke(run_name, plain_trip(failBookHotel=True))
        asked = {answer: office.request(run_name, "undo-flight") for answer, run_name in names.items()}
    for answer, request in asked.items():
        assert (request.kind, request.policy["groups"], request.status) == ("question", ["operators"], "pending")
        assert office.run_item(names[answer])["status"] == "waiting"
    assert office.answer("olga", asked["waive"], "waive").status_code == 422  # not without a reason
    for answer, request in asked.items():
        assert office.answer("olga", request, answer, f"Said {answer}.").status_code == 302
    told = {}
    for answer, run_name in names.items():
        result = office.ended(run_name).result
        assert result is not None
        told[answer] = states(result)
        assert bookings(office, run_name)["flight"] == ("cancelled" if answer == "retry" else "reserved")
    assert told == {
        "retry": {"hotel": "undone", "flight": "undone"},
        "done_by_hand": {"hotel": "undone", "flight": "done_by_hand"},
        "waive": {"hotel": "undone", "flight": "waive"},
    }
    settled = office.run_item(names["waive"])["compensation"]["bookings"][1]
    assert (settled["by"], settled["reason"]) == ("olga", "Said waive.")


def test_where_the_stack_forbids_them_the_failure_switches_do_nothing_and_the_run_says_so(office: Office) -> None:
    run_name = any_run("travel")
    with redeployed(office, "workflow-travel", ALLOW_FAILURE_INJECTION="false"):
        office.invoke(run_name, plain_trip(failBookFlight=True, failBookHotel=True, failBookCar=True))
        assert office.ended(run_name).status == "succeeded"
    assert bookings(office, run_name) == dict.fromkeys(SERVICES, "reserved")
    warnings = [line["message"] for line in office.run_item(run_name)["progress"] if line["level"] == "warning"]
    assert warnings == ["The failure switches do nothing in this stack."]

"""The travel form: what it sends, which days it takes, and where its failure switches are."""

import pytest
from django.test import Client
from pytest_django import Settings

from approvals.models import Submission
from tests.unit.web.forms import signed_in
from tests.unit.web.more_forms import ARNS, day, refused, taken, trip

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita(settings: Settings) -> Client:
    settings.WORKFLOW_ARNS = ARNS
    return signed_in("rita")


def test_a_trip_goes_in_the_names_that_clients_already_send(rita: Client) -> None:
    assert taken(rita, "travel", trip()) == {
        "passengerName": "Rita Moss",
        "departure": "Oslo",
        "destination": "Lyon",
        "flightPrice": "210.50",
        "hotelName": "Hotel du Rhone",
        "checkIn": day(10),
        "checkOut": day(12),
        "hotelPrice": "300.00",
        "carType": "Small",
        "pickupDate": day(10),
        "dropoffDate": day(12),
        "requester": "rita",
    }
    done = Submission.objects.get()
    assert (done.title, str(done.amount), done.currency) == ("Rita Moss: Oslo to Lyon", "510.5000", "USD")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"checkOut": day(10)}, "Check-out must be after check-in."),
        ({"checkOut": day(9)}, "Check-out must be after check-in."),
        ({"dropoffDate": day(9)}, "The car cannot come back before it is picked up."),
        ({"checkIn": day(-1)}, "This day has passed."),
        ({"pickupDate": "next week"}, "Write the date as year-month-day"),
        ({"destination": "OSLO"}, "The trip ends where it begins."),
        ({"flightPrice": ""}, "Say what the flight costs: a manager approves the price."),
        ({"flightPrice": "0"}, "The amount must be more than zero."),
        ({"flightPrice": "-1"}, "The amount must be more than zero."),
        ({"carPrice": "10.001"}, "at most two decimals"),
        ({"hotelName": ""}, "Say which hotel."),
    ],
)
def test_a_wrong_trip_is_told_why(rita: Client, changes: dict[str, str], sentence: str) -> None:
    assert sentence in refused(rita, "travel", trip(**changes))


def test_a_car_may_come_back_on_the_same_day(rita: Client) -> None:
    assert taken(rita, "travel", trip(dropoffDate=day(10)))["dropoffDate"] == day(10)


def test_the_failure_switches_are_there_in_the_demo_only(rita: Client, settings: Settings) -> None:
    assert "failBookHotel" not in rita.get("/submit/travel/").text
    settings.DEMO = True
    assert "failBookHotel" in rita.get("/submit/travel/").text
    payload = taken(rita, "travel", trip(failBookHotel="on"))
    assert payload["failBookHotel"] is True
    assert "failBookCar" not in payload


def test_outside_the_demo_a_switch_that_is_sent_anyway_does_nothing(rita: Client) -> None:
    assert "failBookHotel" not in taken(rita, "travel", trip(failBookHotel="on"))


def test_the_travellers_name_is_filled_in(rita: Client) -> None:
    assert 'value="Rita"' in rita.get("/submit/travel/").text

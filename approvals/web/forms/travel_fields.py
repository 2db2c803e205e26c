"""The fields of a trip. Their names are those of the workflow's input, which other clients send too."""

from typing import Any, override

from django import forms
from django.conf import settings
from django.utils import timezone

from approvals.web.forms.fields import CentsField, CleanCharField, DayField, Styled
from approvals.web.forms.sheet import SheetForm

SHORT = 120
LONGEST_NAME = 150
SWITCHES = ("failBookFlight", "failBookHotel", "failBookCar")


def name_of(label: str, needed: str = "", longest: int = SHORT) -> CleanCharField:
    """Return a line of text; ``needed`` is the sentence that asks for it, empty where it may be left out."""
    return CleanCharField(label=label, max_length=longest, required=bool(needed), error_messages={"required": needed})


def day_of(label: str, needed: str) -> DayField:
    """Return a day that must be given."""
    return DayField(label=label, error_messages={"required": needed})


def switch(label: str) -> forms.BooleanField:
    """Return a switch of the demo."""
    return forms.BooleanField(label=label, required=False)


class TravelForm(Styled, SheetForm):
    """Flight, hotel and car of one trip."""

    sections = (
        ("Trip", "", (("passengerName", "departure", "destination"),)),
        ("Flight", "Prices in US dollars; leave one empty while it is not known", (("flightNumber", "flightPrice"),)),
        ("Hotel", "", (("hotelName", "roomType", "guestName"), ("checkIn", "checkOut", "hotelPrice"))),
        (
            "Car",
            "",
            (
                ("carType", "driverName"),
                ("pickupLocation", "dropoffLocation"),
                ("pickupDate", "dropoffDate", "carPrice"),
            ),
        ),
        ("Make it fail", "Only in the demo: what is booked by then is undone", (SWITCHES,)),
    )

    passengerName = name_of("Traveller", "Say who travels.", LONGEST_NAME)  # noqa: N815
    departure = name_of("From", "Say where the trip begins.")
    destination = name_of("To", "Say where the trip goes.")
    flightNumber = name_of("Flight")  # noqa: N815
    flightPrice = CentsField(label="Price of the flight", required=False)  # noqa: N815
    hotelName = name_of("Hotel", "Say which hotel.")  # noqa: N815
    roomType = name_of("Room")  # noqa: N815
    guestName = name_of("Guest, if not the traveller", "", LONGEST_NAME)  # noqa: N815
    checkIn = day_of("Check-in", "Say when the stay begins.")  # noqa: N815
    checkOut = day_of("Check-out", "Say when the stay ends.")  # noqa: N815
    hotelPrice = CentsField(label="Price of the hotel", required=False)  # noqa: N815
    carType = name_of("Car", "Say which kind of car.")  # noqa: N815
    driverName = name_of("Driver, if not the traveller", "", LONGEST_NAME)  # noqa: N815
    pickupLocation = name_of("Picked up at")  # noqa: N815
    dropoffLocation = name_of("Brought back to")  # noqa: N815
    pickupDate = day_of("Picked up on", "Say when the car is picked up.")  # noqa: N815
    dropoffDate = day_of("Brought back on", "Say when the car comes back.")  # noqa: N815
    carPrice = CentsField(label="Price of the car", required=False)  # noqa: N815
    failBookFlight = switch("The flight")  # noqa: N815
    failBookHotel = switch("The hotel")  # noqa: N815
    failBookCar = switch("The car")  # noqa: N815

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passengerName"].initial = str(self.viewer.user)
        if not settings.DEMO:
            for name in SWITCHES:
                del self.fields[name]

    @override
    def clean(self) -> dict[str, Any]:
        """Hold the days against today and each other, and the places against each other."""
        clean = self.cleaned_data
        self._in_order("checkIn", "checkOut", same_day=False, why="Check-out must be after check-in.")
        self._in_order(
            "pickupDate", "dropoffDate", same_day=True, why="The car cannot come back before it is picked up."
        )
        if clean.get("departure") and clean["departure"].casefold() == str(clean.get("destination")).casefold():
            self.add_error("destination", "The trip ends where it begins.")
        return clean

    def _in_order(self, first: str, last: str, *, same_day: bool, why: str) -> None:
        begins, ends = self.cleaned_data.get(first), self.cleaned_data.get(last)
        if begins and begins < timezone.localdate():
            self.add_error(first, "This day has passed.")
        if begins and ends and (ends < begins or (ends == begins and not same_day)):
            self.add_error(last, why)

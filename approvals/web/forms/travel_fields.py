"""The fields of a trip. Their names are those of the workflow's input, which other clients send too."""

from typing import TYPE_CHECKING, Any, override

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.web.forms.fields import CentsField, CleanCharField, DayField, Styled
from approvals.web.forms.sheet import SheetForm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SHORT = 120
LONGEST_NAME = 150
SWITCHES = ("failBookFlight", "failBookHotel", "failBookCar")


def name_of(label: "StrOrPromise", needed: "StrOrPromise" = "", longest: int = SHORT) -> CleanCharField:
    """Return a line of text; ``needed`` is the sentence that asks for it, empty where it may be left out."""
    return CleanCharField(label=label, max_length=longest, required=bool(needed), error_messages={"required": needed})


def day_of(label: "StrOrPromise", needed: "StrOrPromise") -> DayField:
    """Return a day that must be given."""
    return DayField(label=label, error_messages={"required": needed})


def switch(label: "StrOrPromise") -> forms.BooleanField:
    """Return a switch of the demo."""
    return forms.BooleanField(label=label, required=False)


class TravelForm(Styled, SheetForm):
    """Flight, hotel and car of one trip."""

    sections = (
        (gettext_lazy("Trip"), "", (("passengerName", "departure", "destination"),)),
        (
            gettext_lazy("Flight"),
            gettext_lazy("Prices in US dollars; those of hotel and car may stay empty while they are not known"),
            (("flightNumber", "flightPrice"),),
        ),
        (gettext_lazy("Hotel"), "", (("hotelName", "roomType", "guestName"), ("checkIn", "checkOut", "hotelPrice"))),
        (
            gettext_lazy("Car"),
            "",
            (
                ("carType", "driverName"),
                ("pickupLocation", "dropoffLocation"),
                ("pickupDate", "dropoffDate", "carPrice"),
            ),
        ),
        (gettext_lazy("Make it fail"), gettext_lazy("Only in the demo: what is booked by then is undone"), (SWITCHES,)),
    )

    passengerName = name_of(gettext_lazy("Traveller"), gettext_lazy("Say who travels."), LONGEST_NAME)  # noqa: N815
    departure = name_of(pgettext_lazy("trip", "From"), gettext_lazy("Say where the trip begins."))
    destination = name_of(pgettext_lazy("trip", "To"), gettext_lazy("Say where the trip goes."))
    flightNumber = name_of(gettext_lazy("Flight"))  # noqa: N815
    # The workflow takes a trip without it from other clients, but then a manager is asked to approve nothing.
    flightPrice = CentsField(  # noqa: N815
        label=gettext_lazy("Price of the flight"),
        error_messages={"required": gettext_lazy("Say what the flight costs: a manager approves the price.")},
    )
    hotelName = name_of(gettext_lazy("Hotel"), gettext_lazy("Say which hotel."))  # noqa: N815
    roomType = name_of(gettext_lazy("Room"))  # noqa: N815
    guestName = name_of(gettext_lazy("Guest, if not the traveller"), "", LONGEST_NAME)  # noqa: N815
    checkIn = day_of(gettext_lazy("Check-in"), gettext_lazy("Say when the stay begins."))  # noqa: N815
    checkOut = day_of(gettext_lazy("Check-out"), gettext_lazy("Say when the stay ends."))  # noqa: N815
    hotelPrice = CentsField(label=gettext_lazy("Price of the hotel"), required=False)  # noqa: N815
    carType = name_of(gettext_lazy("Car"), gettext_lazy("Say which kind of car."))  # noqa: N815
    driverName = name_of(gettext_lazy("Driver, if not the traveller"), "", LONGEST_NAME)  # noqa: N815
    pickupLocation = name_of(gettext_lazy("Picked up at"))  # noqa: N815
    dropoffLocation = name_of(gettext_lazy("Brought back to"))  # noqa: N815
    pickupDate = day_of(gettext_lazy("Picked up on"), gettext_lazy("Say when the car is picked up."))  # noqa: N815
    dropoffDate = day_of(gettext_lazy("Brought back on"), gettext_lazy("Say when the car comes back."))  # noqa: N815
    carPrice = CentsField(label=gettext_lazy("Price of the car"), required=False)  # noqa: N815
    failBookFlight = switch(gettext_lazy("The flight"))  # noqa: N815
    failBookHotel = switch(gettext_lazy("The hotel"))  # noqa: N815
    failBookCar = switch(gettext_lazy("The car"))  # noqa: N815

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
        self._in_order("checkIn", "checkOut", same_day=False, why=_("Check-out must be after check-in."))
        self._in_order(
            "pickupDate", "dropoffDate", same_day=True, why=_("The car cannot come back before it is picked up.")
        )
        if clean.get("departure") and clean["departure"].casefold() == str(clean.get("destination")).casefold():
            self.add_error("destination", _("The trip ends where it begins."))
        return clean

    def _in_order(self, first: str, last: str, *, same_day: bool, why: str) -> None:
        begins, ends = self.cleaned_data.get(first), self.cleaned_data.get(last)
        if begins and begins < timezone.localdate():
            self.add_error(first, _("This day has passed."))
        if begins and ends and (ends < begins or (ends == begins and not same_day)):
            self.add_error(last, why)

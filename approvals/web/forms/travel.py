"""The travel form: one trip is a flight, a hotel and a car, booked together or not at all."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, override

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.actions.submit import Filled
from approvals.web.forms.fields import in_short
from approvals.web.forms.sheet import Sheet, mark_of
from approvals.web.forms.travel_fields import SWITCHES, TravelForm
from approvals.web.labels import Text, Texts

CURRENCY = "USD"
PRICES = ("flightPrice", "hotelPrice", "carPrice")


class TravelSheet(Sheet):
    """A trip in US dollars."""

    workflow = "travel"
    label = Text(gettext_lazy("Trip"))
    heading = Text(gettext_lazy("New trip"))
    description = Text(
        gettext_lazy("Flight, hotel and car in one go. When one cannot be booked, the others are undone.")
    )
    icon = "flow"
    currency = CURRENCY
    form_class = TravelForm
    stages = Texts({"approval": gettext_lazy("Approval")})
    stage_note = Text(gettext_lazy("Cheap trips need none."))
    finish = Text(gettext_lazy("Booked"))

    @override
    def title(self) -> str:
        """Return e.g. ``Ada Obi: Oslo to Lyon``: English in every language, for the workflow is given it."""
        who, begins, ends = (str(self.typed.get(name) or "") for name in ("passengerName", "departure", "destination"))
        return f"{who}: {begins} to {ends}" if begins and ends else who

    @override
    @classmethod
    def shown(cls, typed: Mapping[str, Any]) -> dict[str, Any]:
        """Return the trip as its page shows it: prices as numbers, switches as yes."""
        plain = super().shown(typed)
        plain |= {name: in_short(plain[name]) for name in PRICES if name in plain}
        return plain | {name: True for name in SWITCHES if plain.get(name)}

    @override
    @classmethod
    def likenesses(cls, typed: Mapping[str, Any]) -> dict[str, str]:
        """Return the trip by traveller, destination and dates."""
        return {mark_of(typed, "passengerName", "destination", "checkIn", "checkOut"): _("This trip")}

    @override
    def filled(self) -> Filled:
        """Return the workflow's input; what was left empty is left out."""
        clean = {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "", False)}
        prices = [clean[name] for name in PRICES if name in clean]
        payload = {name: as_json(value) for name, value in clean.items()} | {"requester": self.viewer.username}
        total = sum(prices, Decimal(0)) if prices else None
        return Filled(self.workflow, self.title(), payload, amount=total, currency=CURRENCY)


def as_json(value: Any) -> Any:
    """Return a day as ISO 8601 text and money as text with two decimals."""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value

"""What a trip must look like, and the three bookings that it comes to."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from hitl import WorkflowInput
from workflows.fields import Day, Money, Name, one_line

CURRENCY = "USD"
SERVICES = ("flight", "hotel", "car")
type Short = Annotated[str, Field(max_length=120), AfterValidator(one_line)]


class Trip(WorkflowInput):
    """The input of the travel workflow; prices in US dollars. The field names are those that clients already send."""

    requester_otherwise: ClassVar[str] = "passengerName"

    passengerName: Name  # noqa: N815
    departure: Short
    destination: Short
    flightNumber: Short | None = None  # noqa: N815
    flightPrice: Money | None = None  # noqa: N815
    guestName: Name | None = None  # noqa: N815
    hotelName: Short | None = None  # noqa: N815
    roomType: Short | None = None  # noqa: N815
    checkIn: Day | None = None  # noqa: N815
    checkOut: Day | None = None  # noqa: N815
    hotelPrice: Money | None = None  # noqa: N815
    driverName: Name | None = None  # noqa: N815
    carType: Short | None = None  # noqa: N815
    pickupLocation: Short | None = None  # noqa: N815
    dropoffLocation: Short | None = None  # noqa: N815
    pickupDate: Day | None = None  # noqa: N815
    dropoffDate: Day | None = None  # noqa: N815
    carPrice: Money | None = None  # noqa: N815
    failBookFlight: bool = False  # noqa: N815
    failBookHotel: bool = False  # noqa: N815
    failBookCar: bool = False  # noqa: N815
    requester: Name | None = None

    @model_validator(mode="after")
    def _check_order_of_days(self) -> Self:
        if self.checkIn and self.checkOut and self.checkOut <= self.checkIn:
            raise ValueError("checkOut must be after checkIn")
        if self.pickupDate and self.dropoffDate and self.dropoffDate < self.pickupDate:
            raise ValueError("dropoffDate must not be before pickupDate")
        return self

    @property
    def prices(self) -> tuple[Decimal | None, ...]:
        """The three prices, in the order of SERVICES; None where the submission names none."""
        return (self.flightPrice, self.hotelPrice, self.carPrice)

    @property
    def total(self) -> Decimal:
        """What is known of the price."""
        return sum((price for price in self.prices if price is not None), Decimal("0.00"))

    @property
    def failing(self) -> frozenset[str]:
        """The services whose failure the submission wants simulated."""
        switches = (self.failBookFlight, self.failBookHotel, self.failBookCar)
        return frozenset(service for service, on in zip(SERVICES, switches, strict=True) if on)

    def run_title(self) -> str:
        """`Ada Obi: Oslo to Lyon`."""
        return f"{self.passengerName}: {self.departure} to {self.destination}"[:120]

    def booking(self, service: str) -> dict[str, Any]:
        """What to book at one service. A guest or driver who is not named is the passenger."""
        wanted: dict[str, dict[str, Any]] = {
            "flight": {
                "passenger": self.passengerName,
                "flight": self.flightNumber,
                "from": self.departure,
                "to": self.destination,
                "price": self.flightPrice,
            },
            "hotel": {
                "guest": self.guestName or self.passengerName,
                "hotel": self.hotelName,
                "room": self.roomType,
                "place": self.destination,
                "check_in": self.checkIn,
                "check_out": self.checkOut,
                "price": self.hotelPrice,
            },
            "car": {
                "driver": self.driverName or self.passengerName,
                "car": self.carType,
                "pickup": self.pickupLocation or self.destination,
                "dropoff": self.dropoffLocation or self.pickupLocation or self.destination,
                "pickup_date": self.pickupDate,
                "dropoff_date": self.dropoffDate,
                "price": self.carPrice,
            },
        }
        return {name: value for name, value in wanted[service].items() if value is not None}

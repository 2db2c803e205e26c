"""The cars of a trip: `functions.bookings.car.reserve` and `.cancel`."""

from typing import Any

from functions.bookings import desk


def reserve(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Reserve a car. Input and answer: `desk.reserve`."""
    return desk.reserve("car", event)


def cancel(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Cancel a car. Input and answer: `desk.cancel`."""
    return desk.cancel("car", event)

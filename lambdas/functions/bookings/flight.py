"""The flights of a trip: `functions.bookings.flight.reserve` and `.cancel`."""

from typing import Any

from functions.bookings import desk


def reserve(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Reserve a flight. Input and answer: `desk.reserve`."""
    return desk.reserve("flight", event)


def cancel(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Cancel a flight. Input and answer: `desk.cancel`."""
    return desk.cancel("flight", event)

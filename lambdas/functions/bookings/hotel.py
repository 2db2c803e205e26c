"""The hotels of a trip: `functions.bookings.hotel.reserve` and `.cancel`."""

from typing import Any

from functions.bookings import desk


def reserve(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Reserve a hotel. Input and answer: `desk.reserve`."""
    return desk.reserve("hotel", event)


def cancel(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Cancel a hotel. Input and answer: `desk.cancel`."""
    return desk.cancel("hotel", event)

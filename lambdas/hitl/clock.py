"""The one clock of the functions: aware, UTC, written as ISO 8601 with a "Z"."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant. Call it inside a step only: a replay must not see another one."""
    return datetime.now(UTC)


def stamp(instant: datetime) -> str:
    """An aware instant as it is written to items, to the microsecond: `2026-11-21T08:00:00.000000Z`.

    The fixed width makes text order equal time order in the tables' indexes.
    """
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def readable(text: str) -> str:
    """An instant for people: `21 November 2026, 08:00 UTC`."""
    return f"{instant(text):%-d %B %Y, %H:%M} UTC"


def instant(text: str) -> datetime:
    """The aware UTC instant that an ISO 8601 text names.

    Raises:
        ValueError: not ISO 8601, or without an offset.
    """
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return parsed.astimezone(UTC)

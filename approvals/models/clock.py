"""Times as the items and messages write them."""

from datetime import UTC, datetime


def utc_text(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC with "Z" and milliseconds (design.md §4)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

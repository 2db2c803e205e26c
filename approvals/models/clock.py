"""Times as the items and messages write them, and as people have them."""

import zoneinfo
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from approvals.models.people import User


def utc_text(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC with "Z" and milliseconds (design.md §4)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def zone_of(user: "User") -> zoneinfo.ZoneInfo:
    """Return the person's zone; one that this system does not know falls back to the portal's."""
    try:
        return zoneinfo.ZoneInfo(user.time_zone or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)

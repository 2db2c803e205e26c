"""When a letter may go: at once or with the day's digest, and never in the person's quiet hours.

Pure functions of wishes, zone and clock. Wall times are the person's own, through every change of the clocks.
"""

import zoneinfo
from datetime import UTC, datetime, time, timedelta

from approvals.models import NotificationPreferences


def letter_time(
    wishes: NotificationPreferences, zone: zoneinfo.ZoneInfo, now: datetime, deadline: datetime | None = None
) -> tuple[datetime, bool]:
    """Return when the letter goes, and whether that is the digest's.

    What is due before the next digest does not wait for it. Quiet hours hold back everything.
    """
    moment, is_digest = now, False
    if wishes.pace == NotificationPreferences.Pace.DAILY:
        digest = next_at(time(wishes.digest_hour), zone, now)
        if deadline is None or deadline > digest:
            moment, is_digest = digest, True
    return after_quiet_hours(wishes, zone, moment), is_digest


def after_quiet_hours(wishes: NotificationPreferences, zone: zoneinfo.ZoneInfo, moment: datetime) -> datetime:
    """Return the moment itself, or the end of the quiet hours that it falls into."""
    if wishes.quiet_from is None or wishes.quiet_until is None:
        return moment
    # Twice at most but for the days on which clocks jump over the end of the quiet hours.
    while is_quiet(wishes.quiet_from, wishes.quiet_until, moment.astimezone(zone).time()):
        moment = next_at(wishes.quiet_until, zone, moment, also_second=True)
    return moment


def is_quiet(begin: time, end: time, wall: time) -> bool:
    """Whether a wall time lies in the hours from ``begin`` until ``end``, which may span midnight; none if equal."""
    if begin <= end:
        return begin <= wall < end
    return wall >= begin or wall < end


def next_at(wall: time, zone: zoneinfo.ZoneInfo, after: datetime, *, also_second: bool = False) -> datetime:
    """Return the first moment after ``after`` at which the zone's clocks show ``wall``.

    A time that clocks jump over in spring counts as the same stretch behind the jump. Of a time that comes twice in
    autumn the first counts, so that a day has one; ``also_second`` takes the second too.
    """
    day = after.astimezone(zone).date()
    found = []
    for days in range(4):  # Zones have left out a whole day.
        local = datetime.combine(day + timedelta(days=days), wall, zone)
        first = local.replace(fold=0).astimezone(UTC)
        found.append(first)
        second = local.replace(fold=1).astimezone(UTC)
        if also_second and second.astimezone(zone).time() == wall:
            found.append(second)
    return min(moment for moment in found if moment > after)

"""When letters go: never in quiet hours, whatever clocks do, and never later than they must."""

import zoneinfo
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.models import NotificationPreferences
from approvals.notifying.hours import after_quiet_hours, is_quiet, letter_time, next_at

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
# Hours forward and back, half hours, a jump at midnight, none at all, a day left out.
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia"]
zones = st.sampled_from([zoneinfo.ZoneInfo(name) for name in ZONES])
moments = st.datetimes(datetime(2011, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
walls = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def quiet(begin: time, end: time, **more: object) -> NotificationPreferences:
    """Wishes with quiet hours."""
    return NotificationPreferences(quiet_from=begin, quiet_until=end, **more)


@given(zones, moments, walls, walls)
def test_a_letter_never_goes_in_quiet_hours(zone: zoneinfo.ZoneInfo, now: datetime, begin: time, end: time) -> None:
    at, _ = letter_time(quiet(begin, end), zone, now)
    assert at >= now
    assert not is_quiet(begin, end, at.astimezone(zone).time())


@given(zones, moments, walls, walls)
def test_it_waits_no_longer_than_the_quiet_hours_last(
    zone: zoneinfo.ZoneInfo, now: datetime, begin: time, end: time
) -> None:
    at = after_quiet_hours(quiet(begin, end), zone, now)
    step = timedelta(minutes=20)
    # What clocks jump over or leave out can cost as much as the jump.
    between = [now + number * step for number in range(int((at - now) / step))]
    loud = [one for one in between if not is_quiet(begin, end, one.astimezone(zone).time())]
    assert len(loud) * step <= timedelta(hours=1)


@given(zones, moments, st.integers(0, 23))
def test_the_digest_comes_at_its_hour_within_the_day(zone: zoneinfo.ZoneInfo, now: datetime, hour: int) -> None:
    wishes = NotificationPreferences(pace="daily", digest_hour=hour)
    at, is_digest = letter_time(wishes, zone, now)
    local = at.astimezone(zone)
    assert is_digest
    assert now < at <= now + timedelta(hours=50 if zone.key == "Pacific/Apia" else 26)
    skipped = at.astimezone(UTC) + (local.utcoffset() or timedelta()) != datetime.combine(local.date(), time(hour), UTC)
    assert local.time() == time(hour) or skipped


@given(zones, moments, st.integers(0, 23))
def test_a_day_has_one_digest(zone: zoneinfo.ZoneInfo, now: datetime, hour: int) -> None:
    first = next_at(time(hour), zone, now)
    second = next_at(time(hour), zone, first)
    assert second.astimezone(zone).date() > first.astimezone(zone).date()


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        # Clocks go from 2 to 3: an end of 2:30 is reached half an hour behind the jump.
        ("2026-03-29T00:30+00:00", "2026-03-29T01:30+00:00"),
        # Clocks go from 3 back to 2: half past two comes twice, and the first is the end.
        ("2026-10-24T23:00+00:00", "2026-10-25T00:30+00:00"),
        # In the second hour that is called two, its own half past counts.
        ("2026-10-25T01:10+00:00", "2026-10-25T01:30+00:00"),
        ("2026-06-01T12:00+00:00", "2026-06-01T12:00+00:00"),
    ],
)
def test_nights_on_which_clocks_change(now: str, goes: str) -> None:
    at = after_quiet_hours(quiet(time(22), time(2, 30)), BERLIN, datetime.fromisoformat(now))
    assert at == datetime.fromisoformat(goes)


def test_what_is_due_before_the_digest_does_not_wait_for_it() -> None:
    now = datetime(2026, 11, 21, 9, tzinfo=UTC)
    wishes = NotificationPreferences(pace="daily", digest_hour=8)
    assert letter_time(wishes, BERLIN, now, now + timedelta(hours=3)) == (now, False)
    assert letter_time(wishes, BERLIN, now, now + timedelta(days=3)) == (datetime(2026, 11, 22, 7, tzinfo=UTC), True)


def test_quiet_hours_hold_back_even_what_is_urgent() -> None:
    now = datetime(2026, 11, 21, 22, tzinfo=UTC)
    wishes = quiet(time(20), time(7), pace="daily", digest_hour=8)
    assert letter_time(wishes, BERLIN, now, now + timedelta(hours=1)) == (datetime(2026, 11, 22, 6, tzinfo=UTC), False)

"""A policy's own reminders: read as people write them, said in words, and refused where nobody would ever get them."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models.terms import ON_DEADLINE, AtDeadline, PolicyTerms

HOUR, DAY = 60, 24 * 60
UNITS = {"m": 1, "h": HOUR, "d": DAY}
MOMENT = re.compile(r"([0-9]{1,6})\s*([mhd]?)")
MOST = 10
LONGEST = 366 * DAY


def minutes_of(typed: str) -> list[int]:
    """Read times such as ``1d, 4h, 30m``; a number alone is hours. Raises ValueError with a sentence."""
    found = set()
    for part in filter(None, (each.strip() for each in typed.replace(";", ",").split(","))):
        match = MOMENT.fullmatch(part.lower())
        minutes = int(match[1]) * UNITS[match[2] or "h"] if match else 0
        if not 0 < minutes <= LONGEST:
            raise ValueError(
                _("“{part}” is no such time. Write a number with d, h or m, as in: 1d, 4h, 30m.").format(part=part)
            )
        found.add(minutes)
    if len(found) > MOST:
        raise ValueError(_("That are {count} reminders; {most} are enough.").format(count=len(found), most=MOST))
    return sorted(found, reverse=True)


def typed_as(minutes: Iterable[int]) -> str:
    """Return what ``minutes_of`` reads, the longest first."""
    return ", ".join(_short(one) for one in sorted(map(abs, minutes), reverse=True))


def _short(minutes: int) -> str:
    unit = next(unit for unit in "dhm" if minutes % UNITS[unit] == 0)
    return f"{minutes // UNITS[unit]}{unit}"


def length_words(minutes: int) -> str:
    """Return a length in words, in the largest unit that it is a whole number of."""
    if minutes % DAY == 0:
        return ngettext("{count} day", "{count} days", minutes // DAY).format(count=minutes // DAY)
    if minutes % HOUR == 0:
        return ngettext("{count} hour", "{count} hours", minutes // HOUR).format(count=minutes // HOUR)
    return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)


def reminder_words(terms: PolicyTerms) -> str:
    """Say when people are reminded; empty where the portal's usual times hold."""
    if terms.remind is None:
        return ""
    before = ", ".join(length_words(-one) for one in sorted(terms.remind) if one < ON_DEADLINE)
    after = ", ".join(length_words(one) for one in sorted(terms.remind) if one > ON_DEADLINE)
    if before and after:
        return _("Who is asked is reminded before the deadline ({before}) and after it ({after}).").format(
            before=before, after=after
        )
    if before:
        return _("Who is asked is reminded before the deadline ({before}).").format(before=before)
    if after:
        return _("Who is asked is reminded after the deadline ({after}), not before it.").format(after=after)
    return _("Nobody is reminded before the deadline.")


def reminder_faults(terms: PolicyTerms) -> Iterator[str]:
    """Say which reminders nobody would ever get, each with what to do."""
    remind, hours = terms.remind or (), [step.hours for step in terms.steps]
    behind = [one for one in remind if one >= ON_DEADLINE]
    if behind and terms.at_deadline != AtDeadline.REMIND:
        yield _("Only a step that stays open can be reminded of after its deadline. Choose that, or take those away.")
    elif behind and not any(hours):
        yield _(
            "After the workflow's own deadline nobody can answer. Give a step a time of its own, or remind before it."
        )
    own = [hour for hour in hours if hour is not None]
    if terms.at_deadline == AtDeadline.ESCALATE and terms.escalate_hours:
        own.append(terms.escalate_hours)
    earliest = -min(remind, default=0)
    if own and None not in hours and earliest >= max(own) * HOUR:
        yield _(
            "A reminder {early} before the deadline would come before anybody is asked: no step takes longer than "
            "{longest}. Write a shorter time."
        ).format(early=length_words(earliest), longest=length_words(max(own) * HOUR))


def reminder_faults_within(terms: PolicyTerms, given: timedelta, stage: str) -> Iterator[str]:
    """Say which reminders nobody would get where the workflow gives this much time."""
    remind, minutes = terms.remind or (), given / timedelta(minutes=1)
    earliest = -min(remind, default=0)
    if any(step.hours is None for step in terms.steps) and earliest >= minutes:
        yield _(
            "A reminder {early} before the deadline would come before anybody is asked: {stage} ends after {given}. "
            "Write a shorter time."
        ).format(early=length_words(earliest), stage=stage, given=length_words(max(1, round(minutes))))
    shortest = min((step.hours for step in terms.steps if step.hours is not None), default=None)
    latest = max(remind, default=0)
    if shortest is not None and latest > ON_DEADLINE and shortest * HOUR + latest >= minutes:
        yield _(
            "A reminder {late} after the deadline would come when nobody can answer any more: {stage} ends after "
            "{given}. Write a shorter time."
        ).format(late=length_words(latest), stage=stage, given=length_words(max(1, round(minutes))))

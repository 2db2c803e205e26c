"""A policy in words, the same on every page."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from babel.dates import get_month_names
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from approvals.models.effective import OWN_TERMS
from approvals.models.groups import group_words
from approvals.models.terms import MANAGER, AtDeadline, Needed, PolicyTerms, Step
from approvals.policy.moments import reminder_words

# Safe answers as they are called within a sentence once they are given, the same as ``approvals.web.terms`` has it.
SAFE_ANSWERS = {
    "rejected": pgettext_lazy("the answer was: …", "rejected"),
    "changes_requested": pgettext_lazy("the answer was: …", "sent back"),
    "remove": pgettext_lazy("the answer was: …", "removed"),
    "removed": pgettext_lazy("the answer was: …", "removed"),
    "retry": pgettext_lazy("the answer was: …", "tried again"),
    "done_by_hand": pgettext_lazy("the answer was: …", "done by hand"),
    "waive": pgettext_lazy("the answer was: …", "waived"),
    "waived": pgettext_lazy("the answer was: …", "waived"),
}

# With the month in letters, so that day and month cannot be mixed up.
DAYS = {"en": "{0.day} {month} {0:%Y}", "de": "{0.day}. {month} {0:%Y}"}
UNNAMED = re.compile(r"Step ([0-9]{1,2})")


def title_words(step: Step) -> str:
    """Return what a step is called: in its policy's own words, but where it stands for the workflow's terms."""
    return title_called(step.title)


def title_called(title: str) -> str:
    """Return the same for a title as it is stored; one that nobody gave is stored as ``Step 1``."""
    if unnamed := UNNAMED.fullmatch(title):
        return _("Step {number}").format(number=unnamed[1])
    return _(OWN_TERMS) if title == OWN_TERMS else title


def people_words(step: Step, names: Mapping[str, str] | None = None) -> str:
    """Return who is asked: ``the group finance, anna or the requester's manager``; ``names``: full ones by username."""
    named = [seat_words(seat, names) for seat in step.seats]
    if not named:
        return _("nobody")
    if len(named) == 1:
        return named[0]
    is_one = step.needed == Needed.ANY or (step.needed == Needed.COUNT and step.count <= 1)
    joint = _("{people} or {person}") if is_one else _("{people} and {person}")
    return joint.format(people=", ".join(named[:-1]), person=named[-1])


def seat_words(seat: str, names: Mapping[str, str] | None = None) -> str:
    """Return one seat in words; ``names`` has full names by username."""
    kind, _colon, name = seat.partition(":")
    if seat == MANAGER:
        return _("the requester's manager")
    return _("the group {group}").format(group=group_words(name)) if kind == "group" else (names or {}).get(name, name)


def needed_words(step: Step) -> str:
    """Return how many of them must agree."""
    match step.needed:
        case Needed.ALL:
            return _("all of them must agree")
        case Needed.EACH:
            return _("one person for each must agree, and nobody counts twice")
        case Needed.COUNT if step.count > 1:
            said = ngettext("{count} of them must agree", "{count} of them must agree", step.count)
            return said.format(count=step.count)
    return _("one of them must agree")


def step_words(step: Step) -> str:
    """Return a step in one sentence."""
    said = {"title": title_words(step), "people": people_words(step), "needed": needed_words(step)}
    if step.hours is None:
        return _("{title}: {people}; {needed}.").format(**said)
    timed = ngettext(
        "{title}: {people}; {needed}, within {hours} hour.",
        "{title}: {people}; {needed}, within {hours} hours.",
        step.hours,
    )
    return timed.format(**said, hours=step.hours)


def deadline_words(terms: PolicyTerms, safe_answer: str | None = None, names: Mapping[str, str] | None = None) -> str:
    """Return what happens when a step's own time is over; empty where no step has one.

    ``safe_answer`` is the one that a certain request takes, nothing where it takes none; by default the policy's own.
    ``names`` has full names by username.
    """
    answer = terms.default_option if safe_answer is None else safe_answer
    if all(step.hours is None for step in terms.steps):
        return ""
    match terms.at_deadline:
        case AtDeadline.ESCALATE:
            return _escalation_words(terms, names)
        case AtDeadline.DEFAULT if answer:
            called = SAFE_ANSWERS.get(answer) or answer.replace("_", " ")
            return _("When a step's time is over, the portal itself answers: {answer}.").format(answer=called)
        case AtDeadline.EXPIRE | AtDeadline.DEFAULT:
            return _("When a step's time is over, no more answers are taken.")
    return _("When a step's time is over, its people are reminded; it stays open.")


def _escalation_words(terms: PolicyTerms, names: Mapping[str, str] | None) -> str:
    people, hours = people_words(terms.escalation, names), terms.escalate_hours
    if hours is None:
        return _("When a step's time is over, {people} may answer for it too.").format(people=people)
    timed = ngettext(
        "When a step's time is over, {people} may answer for it too, for {hours} hour.",
        "When a step's time is over, {people} may answer for it too, for {hours} hours.",
        hours,
    )
    return timed.format(people=people, hours=hours)


def terms_words(terms: PolicyTerms) -> list[str]:
    """Return all that a version says, one sentence each."""
    steps = [f"{number}. {step_words(step)}" for number, step in enumerate(terms.steps, start=1)]
    barred = _("Nobody who answered an earlier stage of the run may answer.") if terms.bars_earlier else ""
    floor = _("The person who asked never answers, and what the workflow demands holds besides.")
    return [line for line in (*steps, deadline_words(terms), reminder_words(terms), barred, floor) if line]


def moment_words(moment: datetime) -> str:
    """Return a moment in the zone of whoever reads it: ``3 Dec 2026, 09:00 CET``."""
    local = timezone.localtime(moment)
    return f"{day_words(local)}, {local:%H:%M} {local.tzname() or ''}".rstrip()


def day_words(day: date) -> str:
    """Return e.g. ``21 Nov 2026``, as the language of the moment has it."""
    spoken = (get_language() or "en")[:2]
    return DAYS.get(spoken, DAYS["en"]).format(day, month=_months(spoken)[day.month - 1])


@cache
def _months(spoken: str) -> list[str]:
    """Return the months as dates have them: a whole moment by Babel takes thrice the time."""
    names = get_month_names("abbreviated", "format", spoken)
    return [names[month] for month in range(1, 13)]

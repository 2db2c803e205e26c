"""Who may say that somebody is away, and what a deputyship must be like: each fault a sentence that says what to do."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models import Absence, User
from approvals.policy.answer import Answer, no, yes
from approvals.policy.viewer import AUDITORS, Viewer
from approvals.policy.wording import moment_words

LONGEST = timedelta(days=366)
# Between filling in a form and sending it.
GRACE = timedelta(minutes=10)


class Fault(NamedTuple):
    """What is wrong, and with which input: ``person``, ``deputy``, ``starts_at``, ``until`` or ``workflows``."""

    field: str
    sentence: str


def may_set_absence(viewer: Viewer, person: User) -> Answer:
    """Say whether the one may say that the other is away: everybody for themselves, and admins."""
    if not viewer.is_active:
        return no("inactive", gettext_lazy("Your account is not active."))
    if viewer.user.pk == person.pk:
        return yes("self", gettext_lazy("This is about you."))
    if viewer.is_admin:
        return yes("admin", gettext_lazy("Admins may do this for others."))
    return no("unrelated", gettext_lazy("Only they themselves or an admin may say that somebody is away."))


def may_change_absence(viewer: Viewer, absence: Absence, now: datetime | None = None) -> Answer:
    """Say whether the person may change it: before it begins, whoever may set it."""
    allowed = may_set_absence(viewer, absence.person)
    state = absence.state(now or timezone.now())
    if allowed and state == "running":
        return no("begun", gettext_lazy("It has begun. End it, and enter another one."))
    if allowed and state != "coming":
        return no("over", gettext_lazy("It is over and stays as it was."))
    return allowed


def may_end_absence(viewer: Viewer, absence: Absence, now: datetime | None = None) -> Answer:
    """Say whether the person may end it early, or take it back before it begins."""
    allowed = may_set_absence(viewer, absence.person)
    if allowed and absence.state(now or timezone.now()) not in {"running", "coming"}:
        return no("over", gettext_lazy("It is over already."))
    return allowed


def faults_of_absence(wanted: Absence, workflows: Collection[str], now: datetime) -> Iterator[Fault]:
    """Return what stands against a new or changed absence. ``workflows`` are those that there are."""
    yield from _times(wanted, now)
    yield from _people(wanted)
    if unknown := [name for name in wanted.only if name not in workflows]:
        known = ", ".join(sorted(workflows))
        sentence = _("There is no workflow {name}. Choose among {known}, or none for all.")
        yield Fault("workflows", sentence.format(name=unknown[0], known=known))


def _times(wanted: Absence, now: datetime) -> Iterator[Fault]:
    if wanted.until <= now:
        yield Fault("until", _("This time is over. Choose one that is still to come."))
    elif wanted.starts_at < now - GRACE:
        yield Fault("starts_at", _("This time is over, and nobody answers for you afterwards. Leave it empty for now."))
    if wanted.until <= wanted.starts_at:
        yield Fault("until", _("It would end before it begins. Choose a later end."))
    elif wanted.until > wanted.starts_at + LONGEST:
        yield Fault("until", _("Nobody is away for longer than a year at a time. Choose an earlier end."))
    if wanted.starts_at > now + LONGEST:
        yield Fault("starts_at", _("This is more than a year ahead. Enter it when it comes nearer."))


def _people(wanted: Absence) -> Iterator[Fault]:
    if wanted.deputy_id == wanted.person_id:
        yield Fault("deputy", _("Nobody is their own deputy. Choose somebody else."))
    elif not wanted.deputy.is_active:
        sentence = _("The account of {person} is not active, so they could not answer. Choose somebody else.")
        yield Fault("deputy", sentence.format(person=wanted.deputy.username))
    elif wanted.deputy.groups.filter(name=AUDITORS).exists():
        sentence = _(
            "{person} is an auditor, who sees everything and changes nothing, so they cannot answer for anybody. "
            "Choose somebody else."
        )
        yield Fault("deputy", sentence.format(person=wanted.deputy))
    if not wanted.person.is_active:
        yield Fault("person", _("The account of {person} is not active.").format(person=wanted.person.username))


def clashes_of_absence(wanted: Absence) -> Iterator[Fault]:
    """Return what stands against it among the others of its time: two deputies at once, a loop, a deputy away.

    A deputy of a deputy inherits nothing, so a turn would rest with somebody away. A loop cannot come about but by
    naming somebody who is away, however long it is.
    """
    for other in wanted.person.absences.meeting(wanted):
        sentence = _("{deputy} is the deputy then, from {begin} to {end}. End that first, or choose other times.")
        yield Fault("starts_at", sentence.format(deputy=other.deputy, **_span(other)))
        return
    for other in wanted.deputy.absences.meeting(wanted):
        sentence = _("{deputy} is away too, from {begin} to {end}. Choose somebody else, or other times.")
        if other.deputy_id == wanted.person_id:
            sentence = _(
                "{deputy} is away then, from {begin} to {end}, and named {person}: each would wait for the other. "
                "Choose somebody else, or other times."
            )
        named = {"deputy": wanted.deputy, "person": wanted.person}
        yield Fault("deputy", sentence.format(**named, **_span(other)))
        return


def is_stranger(absence: Absence) -> bool:
    """Whether the deputy is in none of the groups of whoever is away, who has some: allowed, but perhaps a slip."""
    groups = set(absence.person.groups.values_list("pk", flat=True))
    return bool(groups) and not absence.deputy.groups.filter(pk__in=groups).exists()


def left_alone_by(wanted: Absence) -> list[Absence]:
    """Return the absences of others during which this person was to stand in: nobody can forbid them to be away.

    Those others are told, so that they can name somebody else.
    """
    return Absence.objects.filter(deputy=wanted.person).meeting(wanted)


def _span(absence: Absence) -> dict[str, str]:
    return {"begin": moment_words(absence.starts_at), "end": moment_words(absence.until)}

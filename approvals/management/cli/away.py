"""Who is away and who answers for them, from the command line."""

from argparse import ArgumentParser
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q
from django.utils import timezone
from rich import box
from rich.table import Table

from approvals.actions.away import WORKFLOWS, Plan, end_absence, set_absence
from approvals.management.cli.person import INVALID, MISSING, REFUSED, faults_told
from approvals.management.cli.shown import drawn, plain
from approvals.models import Absence, ApprovalRequest, User, Vote
from approvals.models.clock import utc_text, zone_of
from approvals.policy import Viewer, may_set_absence

LISTED = 100


def add_away_arguments(sub: ArgumentParser) -> None:
    """Take what `away` takes."""
    sub.add_argument("what", choices=["list", "set", "end"], help="look, name a deputy, or end an absence early")
    sub.add_argument("--person", default="", metavar="USERNAME", help="somebody else, for admins")
    sub.add_argument("--deputy", default="", metavar="USERNAME", help="who answers meanwhile")
    text = "day and time in the person's zone, or a day"
    sub.add_argument("--from", dest="begin", default="", metavar="MOMENT", help=f"{text}, its beginning; empty: now")
    sub.add_argument("--until", default="", metavar="MOMENT", help=f"{text}, its end")
    text = "only for this one; may be given several times"
    sub.add_argument("--workflow", action="append", default=[], choices=WORKFLOWS, help=text)
    sub.add_argument("--reason", default="", help="the deputy reads it")
    sub.add_argument("--id", dest="key", type=int, default=0, metavar="NUMBER", help="which one to end, as `list` says")


def away(viewer: Viewer, options: dict[str, Any]) -> tuple[Any, str]:
    """Do what was asked; return it for machines and in words. Raises CommandError."""
    person = _person(viewer, options["person"])
    match options["what"]:
        case "set":
            done = _set(viewer, person, options)
            return as_row(done), f"{done.deputy.username} answers for {person.username} until {_utc(done.until)}."
        case "end":
            done = _end(viewer, person, options["key"])
            return as_row(done), f"{done.deputy.username} does not answer for {person.username} any more."
    found = _listed(viewer, person)
    return [as_row(one) for one in found], _drawn(found) if found else f"{person.username} was never away."


def _person(viewer: Viewer, username: str) -> User:
    if not username:
        return viewer.user
    found = User.objects.filter(username__iexact=username).first()
    if found is None:
        raise CommandError(f"There is no account {username!r}.", returncode=MISSING)
    return found


def _set(viewer: Viewer, person: User, options: dict[str, Any]) -> Absence:
    zone = zone_of(person)
    begin = _moment(options["begin"], "--from", zone, 0) if options["begin"] else None
    if not options["until"]:
        raise CommandError("Say until when with --until, such as 2026-12-24T18:00.", returncode=INVALID)
    until = _moment(options["until"], "--until", zone, 1)
    plan = Plan(options["deputy"], until, begin, tuple(options["workflow"]), options["reason"])
    with faults_told():
        return set_absence(viewer, person, plan)


def _moment(text: str, option: str, zone: Any, days: int) -> datetime:
    """Read a moment; of a day alone its beginning, or so many days later."""
    try:
        if len(text) == len("2026-12-24"):
            return datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        told = f"{option} {text!r} is no moment. Write 2026-12-24T18:00, or a day alone such as 2026-12-24."
        raise CommandError(told, returncode=INVALID) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _end(viewer: Viewer, person: User, key: int) -> Absence:
    mine = Absence.objects.filter(person=person).select_related("person", "deputy")
    chosen = mine.filter(pk=key) if key else mine.not_over(timezone.now())
    found = list(chosen.order_by("starts_at")[:2])
    if not found:
        raise CommandError(f"{person.username} is not away, nor will be.", returncode=MISSING)
    if len(found) > 1:
        raise CommandError("There are several; say which with --id, as `away list` shows.", returncode=INVALID)
    with faults_told():
        return end_absence(viewer, found[0])


def _listed(viewer: Viewer, person: User) -> list[Absence]:
    allowed = may_set_absence(viewer, person)
    if not allowed:
        raise CommandError(allowed.reason, returncode=REFUSED)
    rows = Absence.objects.filter(Q(person=person) | Q(deputy=person)).select_related("person", "deputy")
    return list(rows.order_by("-starts_at", "-id")[:LISTED])


def as_row(absence: Absence) -> dict[str, Any]:
    """Return an absence as JSON values, times in UTC."""
    return {
        "id": absence.pk,
        "person": absence.person.username,
        "deputy": absence.deputy.username,
        "from": utc_text(absence.starts_at),
        "until": utc_text(absence.until),
        "workflows": list(absence.only),
        "reason": absence.reason,
        "state": absence.state(timezone.now()),
    }


def _drawn(absences: list[Absence]) -> str:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Id", "Away", "Deputy", "From (UTC)", "Until (UTC)", "For", "State", "Reason"):
        table.add_column(name, overflow="fold")
    for one in absences:
        row = as_row(one)
        only = ", ".join(one.only) or "every workflow"
        times = (f"{one.starts_at:%Y-%m-%d %H:%M}", f"{one.until:%Y-%m-%d %H:%M}")
        cells = (row["id"], row["person"], row["deputy"], *times, only, row["state"], row["reason"])
        table.add_row(*(plain(cell) for cell in cells))
    return drawn(table)


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def stood_for(viewer: Viewer, request: ApprovalRequest) -> str:
    """Return the username of whoever the person answered this request for; empty for themselves."""
    vote = Vote.objects.filter(request=request, voter=viewer.user).select_related("for_person").first()
    return vote.for_person.username if vote and vote.for_person else ""

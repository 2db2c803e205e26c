"""What people are told when somebody is away: who answers, from when until when, and when that changes."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from approvals.models import Notification
from approvals.web.formats import exact, in_sentence, moment_of, words


def away_words(row: Notification, name: Callable[[object], str]) -> tuple[str, str, str]:
    """Return label, heading and sentence, each in the words of whoever is told."""
    data = row.occasion.data
    terms = {
        "person": name(data.get("person")),
        "deputy": name(data.get("deputy")),
        "begin": _exactly(moment_of(data.get("starts_at"))),
        "end": _exactly(moment_of(data.get("until"))),
    }
    what = str(data.get("what"))
    is_own = row.person.username == data.get("person")
    label, heading, sentence = (_to_person if is_own else _to_deputy)(what)
    parts = [sentence.format(**terms), *_for_what(data.get("workflows") or [])]
    if data.get("reason") and what in {"set", "changed"}:
        parts.append(_("Reason: {reason}.").format(reason=str(data["reason"]).rstrip(".")))
    return label, heading.format(**terms), " ".join(parts)


def _to_person(what: str) -> tuple[str, str, str]:
    match what:
        case "left_alone":
            sentence = _("{deputy} is away too, from {begin} until {end}. Name somebody else for that time.")
            return _("Your deputy is away"), _("{deputy} cannot answer for you all the time"), sentence
        case "ended" | "withdrawn" | "over":
            sentence = _("{deputy} does not answer for you any more. What waits is yours alone again.")
            return _("Deputy ended"), _("You answer for yourself again"), sentence
        case "changed":
            sentence = _("From {begin} until {end}, {deputy} may answer what is put to you.")
            return _("Deputy changed"), _("{deputy} answers for you"), sentence
    sentence = _("From {begin} until {end}, {deputy} may answer what is put to you. You may still answer yourself.")
    return _("Deputy named"), _("{deputy} answers for you"), sentence


def _to_deputy(what: str) -> tuple[str, str, str]:
    match what:
        case "ended" | "withdrawn" | "taken_back" | "over":
            sentence = _("You do not answer for {person} any more. What you answered stays as it is.")
            return _("Deputy ended"), _("{person} answers again"), sentence
        case "changed":
            sentence = _("{person} is away from {begin} until {end}. You may answer what is put to them.")
            return _("Deputy changed"), _("You answer for {person}"), sentence
    sentence = _("{person} is away from {begin} until {end}. You may answer what is put to them; it shows for whom.")
    return _("You are named deputy"), _("You answer for {person}"), sentence


def _for_what(workflows: list[str]) -> list[str]:
    if not workflows:
        return []
    return [_("Only for: {workflows}.").format(workflows=", ".join(in_sentence(words(name)) for name in workflows))]


def _exactly(moment: datetime | None) -> str:
    return exact(moment) if moment else ""

"""What stands below a line of the history: made anew from what the record holds, where it holds enough for that.

The summary of an event is in English. Where its kind and data tell the same, the person reads it in their language.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from approvals.models import AuditEvent
from approvals.models.sentence import translated
from approvals.policy.wording import seat_words, title_called
from approvals.web.recorded import delivery_words, lacking_words, rule_words


def note_of(event: AuditEvent, names: Mapping[str, str] | None = None) -> str:
    """Return the note; the summary as it was stored where nothing else is known. ``names``: full names by username."""
    note = None
    if event.action in NOTES:
        note = NOTES[event.action](event.summary, event.data, names or {})
    elif event.action.startswith("delivery."):
        note = delivery_words(event.summary)
    elif event.action.endswith(("_refused", "_tampered")):
        note = translated(event.summary)
    return event.summary if note is None else note


def named_by(event: AuditEvent) -> list[str]:
    """Return the usernames that the note of an event names."""
    if event.action not in NOTES:
        return []
    named = [event.data.get("to"), event.data.get("holder")]
    people, seats = event.data.get("people"), event.data.get("seats")
    named += people if isinstance(people, list) else []
    named += [str(seat).removeprefix("user:") for seat in seats] if isinstance(seats, list) else []
    return [str(name) for name in named if name]


def _voted(summary: str, data: dict[str, Any], _names: Mapping[str, str]) -> str:
    return summary.removeprefix(str(data.get("choice") or "")).removeprefix(": ")


def _handed(summary: str, data: dict[str, Any], names: Mapping[str, str]) -> str | None:
    to = str(data.get("to") or "")
    if not to or not summary.startswith(f"to {to}: "):
        return None
    return _("to {person}: {reason}").format(person=names.get(to, to), reason=summary.removeprefix(f"to {to}: "))


def _released(_summary: str, data: dict[str, Any], names: Mapping[str, str]) -> str | None:
    holder = str(data.get("holder") or "")
    return _("{person} is no longer on it").format(person=names.get(holder, holder)) if holder else None


def _nudged(_summary: str, data: dict[str, Any], names: Mapping[str, str]) -> str | None:
    people = data.get("people")
    if not isinstance(people, list):
        return None
    return _("reminded {people}").format(people=", ".join(names.get(str(name), str(name)) for name in people))


def _passed(_summary: str, data: dict[str, Any], _names: Mapping[str, str]) -> str | None:
    if not data.get("passed") or not data.get("now"):
        return None
    return _("{passed} agreed; now {now}").format(passed=step_called(data["passed"]), now=step_called(data["now"]))


def _due(_summary: str, data: dict[str, Any], _names: Mapping[str, str]) -> str | None:
    if not data.get("step"):
        return None
    return _("{step}: its time is over; it stays open").format(step=step_called(data["step"]))


def _expired(_summary: str, data: dict[str, Any], _names: Mapping[str, str]) -> str | None:
    if not data.get("step"):
        return None
    return _("{step}: its time is over; no more answers").format(step=step_called(data["step"]))


def _escalated(_summary: str, data: dict[str, Any], names: Mapping[str, str]) -> str | None:
    seats = data.get("seats")
    if not isinstance(seats, list):
        return None
    return _("Also asked now: {people}").format(people=", ".join(seat_words(str(seat), names) for seat in seats))


def _policy_fixed(summary: str, _data: dict[str, Any], _names: Mapping[str, str]) -> str | None:
    if not (found := UNDER.fullmatch(summary)):
        return None
    policy, number, rule = found.groups()
    return _("{policy}, version {number} ({rule})").format(policy=policy, number=number, rule=rule_words(rule))


def _lacking(summary: str, _data: dict[str, Any], _names: Mapping[str, str]) -> str | None:
    return lacking_words(summary)


def _woken(summary: str, _data: dict[str, Any], _names: Mapping[str, str]) -> str | None:
    return delivery_words(summary)


# As ``approvals.mirror.observe`` writes it.
UNDER = re.compile(r"(.{1,200}), version ([0-9]{1,9}) \((.*)\)")


def step_called(title: object) -> str:
    """Return the title of a step as the record names it."""
    return title_called(str(title))


NOTES: dict[str, Callable[[str, dict[str, Any], Mapping[str, str]], str | None]] = {
    "request.voted": _voted,
    "request.reassigned": _handed,
    "request.approver_added": _handed,
    "request.released": _released,
    "request.nudged": _nudged,
    "request.policy_fixed": _policy_fixed,
    "request.step_passed": _passed,
    "request.step_blocked": _lacking,
    "request.unanswerable": _lacking,
    "request.woken": _woken,
    "request.step_due": _due,
    "request.step_expired": _expired,
    "request.step_escalated": _escalated,
}

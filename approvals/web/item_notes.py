"""What was noted in a request's item, in the reader's language where it is one of our own known sentences.

The workflow (``lambdas/hitl``), ApprovalApi and the portal write them in English; whatever has another form is shown as
it is.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models.groups import people_in, people_words
from approvals.web.formats import exact
from approvals.web.terms import outcome_label

WRITTEN = "%d %B %Y, %H:%M UTC"
BY_CALLBACK = " The answer came with the callback."


def item_note(action: str, note: str, names: Mapping[str, str] | None = None) -> str:
    """Return the note of an event of this kind; ``names`` has full names by username."""
    for kind, form, tell in FORMS:
        if kind == action and (found := form.fullmatch(note)) and (said := tell(**_called(found, names or {}))):
            return said
    return note


def named_in(action: str, note: str) -> list[str]:
    """Return what can be usernames in the note of an event of this kind."""
    for kind, form, _tell in FORMS:
        if kind == action and (found := form.fullmatch(note)):
            parts = found.groupdict()
            return [*filter(None, [parts.get("person")]), *people_in(parts.get("people") or "")]
    return []


def _called(found: re.Match[str], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the parts of a note with the people in it by their full names."""
    parts = found.groupdict()
    if parts.get("person"):
        parts["person"] = names.get(parts["person"], parts["person"])
    if parts.get("people"):
        parts["people"] = people_words(parts["people"], names)
    return parts


def _asked(people: str) -> str:
    return _("Asked {people}.").format(people=people)


def _notified(people: str) -> str:
    return _("Notice to {people}.").format(people=people)


def _timed_out(written: str) -> str:
    try:
        moment = datetime.strptime(written, WRITTEN).replace(tzinfo=UTC)
    except ValueError:
        return ""
    return _("Nobody answered by {moment}.").format(moment=exact(moment))


def _answered(choice: str, person: str, suffix: str | None) -> str:
    said = _("{outcome} by {person}.").format(outcome=outcome_label(choice.lower()), person=person)
    return " ".join([said, _("The answer came with the callback.")]) if suffix else said


def _escalated(people: str, approval_id: str) -> str:
    return _("To {people} as {request}.").format(people=people, request=approval_id)


def _chosen(choice: str, person: str | None, comments: str | None) -> str:
    answer = outcome_label(choice)
    said = _("{answer}, for {person}").format(answer=answer, person=person) if person else answer
    return f"{said}: {comments}" if comments else said


def _by_api(choice: str, person: str, call: str) -> str:
    said = _("{outcome} in the name of {person}, by ApprovalApi; CloudTrail knows the caller of {call}.")
    return said.format(outcome=outcome_label(choice.lower()), person=person, call=call)


def _refused(code: str, outlook: str) -> str:
    if outlook.startswith("Nobody"):
        return _("The notice was refused ({code}). Nobody was told; the request waits in the queue.").format(code=code)
    return _("The notice was refused ({code}). It will be tried again.").format(code=code)


def _not_valid(fault: str) -> str:
    return _("An answer came that is not valid: {fault}.").format(fault=fault)


def _failed(said: str) -> str:
    return _("The callback was failed without an answer: {words}.").format(words=said)


def _unasked(said: str) -> str:
    return _("The request failed before anybody was asked: {words}.").format(words=said)


def _closed(how: str, words: str | None) -> str:
    if how not in ENDED:
        return ""
    said = str(ENDED[how])
    return f"{said} ({words})." if words else f"{said}."


# How a run ended before its request was answered (approvals.mirror.ended).
ENDED = {
    "The run finished": gettext_lazy("The run finished before this request was answered"),
    "The run failed": gettext_lazy("The run failed before this request was answered"),
    "The run reached its time limit": gettext_lazy("The run reached its time limit before this request was answered"),
    "The run was stopped": gettext_lazy("The run was stopped before this request was answered"),
}
FORMS: tuple[tuple[str, re.Pattern[str], Callable[..., str]], ...] = (
    ("opened", re.compile(r"Asked (?P<people>.{1,400})\."), _asked),
    ("notified", re.compile(r"Notice to (?P<people>.{1,400})\."), _notified),
    ("settled", re.compile(r"Nobody answered by (?P<written>.{1,40})\."), _timed_out),
    (
        "settled",
        re.compile(
            r"(?P<choice>[A-Z][a-z_]{1,39}) by (?P<person>[^ ]{1,150}?)\."
            rf"(?P<suffix>{re.escape(BY_CALLBACK)})?"
        ),
        _answered,
    ),
    ("settled", re.compile(r"An answer came that is not valid: (?P<fault>.{1,900})\."), _not_valid),
    ("settled", re.compile(r"The callback was failed without an answer: (?P<said>.{1,900})\."), _failed),
    ("settled", re.compile(r"The request failed before anybody was asked: (?P<said>.{1,900})\."), _unasked),
    (
        "notified",
        re.compile(r"The notice was refused \((?P<code>.{1,100})\)\. (?P<outlook>Nobody was told|It will be tried).*"),
        _refused,
    ),
    ("escalated", re.compile(r"To (?P<people>.{1,400}) as (?P<approval_id>[^ ]{1,200})\."), _escalated),
    (
        "closed",
        re.compile(r"(?P<how>The run [a-z ]{4,30}?)(?: \((?P<words>.{1,400})\))? before this request was answered\."),
        _closed,
    ),
    (
        "decided",
        re.compile(
            r"(?P<choice>[A-Z][a-z_]{1,39}) in the name of (?P<person>.{1,150}), by ApprovalApi; .* of (?P<call>.*)\."
        ),
        _by_api,
    ),
    (
        "decided",
        re.compile(
            r"(?P<choice>[a-z][a-z0-9_]{0,39})(?: for (?P<person>[^ :]{1,150}))?(?:: (?P<comments>.*))?", re.DOTALL
        ),
        _chosen,
    ),
)

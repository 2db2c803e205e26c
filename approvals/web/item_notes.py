"""What was noted in a request's item, in the reader's language where it is one of our own known sentences.

The workflow (``lambdas/hitl``), ApprovalApi and the portal write them in English; whatever has another form is shown as
it is.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models.groups import people_words
from approvals.web.formats import exact
from approvals.web.terms import outcome_label

WRITTEN = "%d %B %Y, %H:%M UTC"
BY_CALLBACK = " The answer came with the callback."


def item_note(action: str, note: str) -> str:
    """Return the note of an event of this kind."""
    for kind, form, tell in FORMS:
        if kind == action and (found := form.fullmatch(note)) and (said := tell(*found.groups())):
            return said
    return note


def _asked(people: str) -> str:
    return _("Asked {people}.").format(people=people_words(people))


def _notified(people: str) -> str:
    return _("Notice to {people}.").format(people=people_words(people))


def _timed_out(written: str) -> str:
    try:
        moment = datetime.strptime(written, WRITTEN).replace(tzinfo=UTC)
    except ValueError:
        return ""
    return _("Nobody answered by {moment}.").format(moment=exact(moment))


def _answered(choice: str, person: str, suffix: str) -> str:
    said = _("{outcome} by {person}.").format(outcome=outcome_label(choice.lower()), person=person)
    return " ".join([said, _("The answer came with the callback.")]) if suffix else said


def _escalated(people: str, approval_id: str) -> str:
    return _("To {people} as {request}.").format(people=people_words(people), request=approval_id)


def _chosen(choice: str, person: str, comments: str) -> str:
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


def _closed(how: str, words: str) -> str:
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
    ("opened", re.compile(r"Asked (.{1,400})\."), _asked),
    ("notified", re.compile(r"Notice to (.{1,400})\."), _notified),
    ("settled", re.compile(r"Nobody answered by (.{1,40})\."), _timed_out),
    ("settled", re.compile(rf"([A-Z][a-z_]{{1,39}}) by ([^ ]{{1,150}}?)\.({re.escape(BY_CALLBACK)})?"), _answered),
    ("settled", re.compile(r"An answer came that is not valid: (.{1,900})\."), _not_valid),
    ("settled", re.compile(r"The callback was failed without an answer: (.{1,900})\."), _failed),
    ("settled", re.compile(r"The request failed before anybody was asked: (.{1,900})\."), _unasked),
    ("notified", re.compile(r"The notice was refused \((.{1,100})\)\. (Nobody was told|It will be tried).*"), _refused),
    ("escalated", re.compile(r"To (.{1,400}) as ([^ ]{1,200})\."), _escalated),
    ("closed", re.compile(r"(The run [a-z ]{4,30}?)(?: \((.{1,400})\))? before this request was answered\."), _closed),
    ("decided", re.compile(r"([A-Z][a-z_]{1,39}) in the name of (.{1,150}), by ApprovalApi; .* of (.*)\."), _by_api),
    ("decided", re.compile(r"([a-z][a-z0-9_]{0,39})(?: for ([^ :]{1,150}))?(?:: (.*))?", re.DOTALL), _chosen),
)

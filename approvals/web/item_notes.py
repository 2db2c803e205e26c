"""What the workflow noted in a request's item, in the reader's language where it is one of our own known sentences.

``lambdas/hitl`` writes them in English; whatever has another form is shown as it is.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from django.utils.translation import gettext as _

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
    return _("Asked {people}.").format(people=people)


def _notified(people: str) -> str:
    return _("Notice to {people}.").format(people=people)


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
    return _("To {people} as {request}.").format(people=people, request=approval_id)


FORMS: tuple[tuple[str, re.Pattern[str], Callable[..., str]], ...] = (
    ("opened", re.compile(r"Asked (.{1,400})\."), _asked),
    ("notified", re.compile(r"Notice to (.{1,400})\."), _notified),
    ("settled", re.compile(r"Nobody answered by (.{1,40})\."), _timed_out),
    ("settled", re.compile(rf"([A-Z][a-z_]{{1,39}}) by ([^ ]{{1,150}}?)\.({re.escape(BY_CALLBACK)})?"), _answered),
    ("escalated", re.compile(r"To (.{1,400}) as ([^ ]{1,200})\."), _escalated),
)

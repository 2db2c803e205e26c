"""What a trip's run says of bookings that were refused or undone, in the reader's language where it is known.

The sentences stand here once more as ``lambdas/workflows/saga.py`` and the booking functions write them.
"""

import re
from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.web.formats import words

SERVICE = "(flight|hotel|car)"
LISTED = "(?:flight|hotel|car) [^ ,]{1,100}?"


def booking_words(message: str) -> str | None:
    """Return one line of a run's progress; None where it is about something else."""
    for ends, tell in TAILS:
        if (found := ends.fullmatch(message)) and (said := _told(found[1])):
            return f"{said} {tell(*found.groups()[1:])}"
    return _told(message)


def _told(sentence: str) -> str | None:
    return next((tell(*found.groups()) for form, tell in FORMS if (found := form.fullmatch(sentence))), None)


def _refused(service: str, reason: str) -> str:
    said = _("{service}: refused.").format(service=words(service))
    return f"{said} {_reason(reason)}".rstrip()


def _reason(said: str) -> str:
    """Return what a booking function gives as its reason."""
    if re.fullmatch(rf"No {SERVICE} is left \(simulated\)\.", said):
        return _("None is left (simulated).")
    known = {
        "The booking was cancelled, or belongs to another run.": _(
            "The booking was cancelled, or belongs to another run."
        ),
        "Cancelled.": _("The booking is cancelled."),
        "Nothing had been booked.": _("Nothing had been booked."),
    }
    return known.get(said, said)


def _not_booked(service: str) -> str:
    return _("{service}: could not be booked.").format(service=words(service))


def _not_cancelled(service: str) -> str:
    return _("{service}: could not be cancelled.").format(service=words(service))


def _silent(service: str, act: str, tries: str) -> str:
    count = int(tries)
    if act == "reserve":
        said = ngettext(
            "{service}: no answer to the booking in {count} try.",
            "{service}: no answer to the booking in {count} tries.",
            count,
        )
    else:
        said = ngettext(
            "{service}: no answer to the cancellation in {count} try.",
            "{service}: no answer to the cancellation in {count} tries.",
            count,
        )
    return said.format(service=words(service), count=count)


def _undone(reason: str) -> str:
    return _("Undone: {reason}").format(reason=_reason(reason))


def _given_up(questions: str) -> str:
    count = int(questions)
    said = ngettext("Given up after {count} question.", "Given up after {count} questions.", count)
    return said.format(count=count)


def _left(bookings: str) -> str:
    listed = (one.partition(" ") for one in bookings.split(", "))
    said = ", ".join(f"{words(service)} {booking}" for service, _space, booking in listed)
    return _("Not undone: {bookings}.").format(bookings=said)


def _undoing(number: str) -> str:
    count = int(number)
    return ngettext("{count} booking is being undone.", "{count} bookings are being undone.", count).format(count=count)


FORMS: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = (
    (re.compile(rf"The {SERVICE} was refused: (.{{0,400}})", re.DOTALL), _refused),
    (re.compile(rf"The {SERVICE} could not be booked\."), _not_booked),
    (re.compile(rf"The {SERVICE} could not be cancelled\."), _not_cancelled),
    (re.compile(rf"The {SERVICE} service did not answer to (reserve|cancel) in ([0-9]{{1,2}}) tries\."), _silent),
    (re.compile(r"Undone: (.{1,400})", re.DOTALL), _undone),
    (re.compile(r"Given up after ([0-9]{1,3}) questions\."), _given_up),
    (re.compile(rf"Not undone: ({LISTED}(?:, {LISTED}){{0,2}})\."), _left),
)
# What follows such a sentence in the same line.
TAILS: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = (
    (re.compile(r"(.*) Undoing ([0-9]{1,2}) bookings\.", re.DOTALL), _undoing),
    (re.compile(r"(.*) Operators are asked\.", re.DOTALL), lambda: _("Operators are asked.")),
    (re.compile(r"(.*) All bookings are undone\.", re.DOTALL), lambda: _("All bookings are undone.")),
    (re.compile(r"(.*) It may still be booked\.", re.DOTALL), lambda: _("It may still be booked.")),
)

"""The lines of a run's progress, which the workflows write in English, in the reader's language where they are known.

They stand here once more as ``lambdas/`` writes them; whatever has another form is shown as it is.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from approvals.models.groups import people_in, people_words
from approvals.models.sentence import retold
from approvals.web.booking_notes import booking_words
from approvals.web.details import number_of
from approvals.web.formats import figures, in_sentence, money, words
from approvals.web.item_notes import item_note
from approvals.web.terms import ANSWERS, outcome_label

KNOWN = (
    gettext_noop("Started."),
    gettext_noop("Finished."),
    gettext_noop("Asking three bureaus."),
    gettext_noop("Waiting for the fraud check."),
    gettext_noop("The fraud check did not clear the application."),
    gettext_noop("Score {score}: good credit."),
    gettext_noop("Score {score}: fair credit."),
    gettext_noop("Score {score}: poor credit."),
    gettext_noop("The credit score of {score} is under {least}."),
    gettext_noop("Without {bureaus}, which did not answer."),
    gettext_noop("The loan is paid."),
    gettext_noop("The failure switches do nothing in this stack."),
    gettext_noop("Every undo is settled."),
    gettext_noop("A waiver needs a reason; trying again."),
)
OF_AMOUNT = (
    gettext_noop("{amount} passes without a person."),
    gettext_noop("{amount} needs no approval."),
    gettext_noop("Not needed under {amount}."),
    gettext_noop("Paying {amount}."),
    gettext_noop("Disbursement of {amount} recorded."),
    gettext_noop("Reimbursement of {amount} recorded."),
)
AMOUNT = r"([0-9]{1,15}(?:\.[0-9]{1,4})?) ([A-Z]{3})"
TOLD = re.compile(r"([A-Z][a-z]*(?: [a-z]+){0,3}) by ([^ :]{1,150}?)(?:\.|: (.*))", re.DOTALL)
WAITING = re.compile(r"Waiting for (?P<people>.{1,400})\.")
STILL_WAITING = re.compile(r"Nobody answered in time; now waiting for (?P<people>.{1,400})\.")
RESERVING = re.compile(r"Reserving the (flight|hotel|car) as ([^ ]{1,100})\.")


def progress_words(message: str, names: Mapping[str, str]) -> str:
    """Return one line; ``names`` holds the full names of those who answered."""
    if said := retold(message, KNOWN):
        return said
    found = TOLD.fullmatch(message)
    if found and (key := found[1].lower().replace(" ", "_")) in ANSWERS:
        said = _("{outcome} by {person}.").format(outcome=outcome_label(key), person=names.get(found[2], found[2]))
        return f"{said.removesuffix('.')}: {found[3]}" if found[3] else said
    for form, tell in FORMS:
        if found := form.fullmatch(message):
            return tell(*found.groups(), **({"names": names} if "people" in form.groupindex else {}))
    return booking_words(message) or message


def named_in(message: str) -> list[str]:
    """Return what can be usernames in one line."""
    if found := TOLD.fullmatch(message):
        return [found[2]]
    found = WAITING.fullmatch(message) or STILL_WAITING.fullmatch(message)
    return people_in(found[1]) if found else []


def _waiting(people: str, names: Mapping[str, str]) -> str:
    return _("Waiting for {people}.").format(people=people_words(people, names))


def _reserving(service: str, booking: str) -> str:
    return _("Reserving: {service}, as {booking}.").format(service=in_sentence(words(service)), booking=booking)


def _still_waiting(people: str, names: Mapping[str, str]) -> str:
    return _("Nobody answered in time; now waiting for {people}.").format(people=people_words(people, names))


def _asked_for(number: str, currency: str, purpose: str) -> str:
    return _("{amount} for {purpose}.").format(amount=money(number_of(number), currency), purpose=purpose)


def _offer(number: str, currency: str, rate: str) -> str:
    return _("{amount} at {rate} percent.").format(
        amount=money(number_of(number), currency), rate=figures(Decimal(rate))
    )


def _of_amount(sentence: str) -> Callable[..., str]:
    return lambda number, currency: _(sentence).format(amount=money(number_of(number), currency))


FORMS: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = (
    (re.compile(r"Timeout: (Nobody answered by .{1,40}\.)"), lambda said: item_note("settled", said)),
    (WAITING, _waiting),
    (STILL_WAITING, _still_waiting),
    (RESERVING, _reserving),
    (re.compile(rf"{AMOUNT} at ([0-9]{{1,3}}(?:\.[0-9]{{1,3}})?) percent\."), _offer),
    (re.compile(rf"{AMOUNT} for (.{{1,400}})\."), _asked_for),
    *((re.compile(re.escape(one).replace(r"\{amount\}", AMOUNT)), _of_amount(one)) for one in OF_AMOUNT),
)

"""What a workflow says of its request, in the reader's language and number format where the sentence is our own.

They stand here once more as ``lambdas/workflows`` writes them. What other workflows say is somebody's own words.
"""

import re
from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from approvals.models import ApprovalRequest
from approvals.models.sentence import retold
from approvals.web.formats import money

TRAVEL = (
    gettext_noop("Not every price is known before booking."),
    gettext_noop("Cancelling {booking} failed. Try again, cancel it by hand, or waive it with a reason."),
)
LOAN = re.compile(r"(.{1,200}?) asks for ([0-9]{1,15}(?:\.[0-9]{1,4})?) ([A-Z]{3}): (.*)", re.DOTALL)


def summary_words(request: ApprovalRequest, locale: str = "") -> str:
    """Return the summary; ``locale`` shapes its amounts, by default that of the language."""
    tell = TELL.get(request.workflow)
    return (tell(request.summary, locale) if tell else None) or request.summary


def _of_trip(summary: str, _locale: str) -> str | None:
    return retold(summary, TRAVEL)


def _of_loan(summary: str, locale: str) -> str | None:
    if not (found := LOAN.fullmatch(summary)):
        return None
    name, number, currency, purpose = found.groups()
    amount = money(Decimal(number), currency, locale)
    return _("{person} asks for {amount}: {purpose}").format(person=name, amount=amount, purpose=purpose)


TELL: dict[str, Callable[[str, str], str | None]] = {"travel": _of_trip, "loan": _of_loan}

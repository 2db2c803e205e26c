"""What a yes allows where it allows less than was asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from approvals.models import ApprovalRequest, Vote
from approvals.web.details import number_of
from approvals.web.formats import money

# What our own workflows call the field (lambdas/workflows/approved_amount.py); pages translate it.
LESS = gettext_noop("Approve less")


def allowed_by(request: ApprovalRequest, response: Any) -> Decimal | None:
    """Return the lower amount that an answer names; None where it stands for the whole, or names none."""
    if request.amount is None or not isinstance(response, Mapping):
        return None
    named = number_of(response.get("amount"))
    return named if named is not None and 0 < named < request.amount else None


def allowed_in_words(request: ApprovalRequest, response: Any, locale: str = "") -> str:
    """Return e.g. ``€200.00 of €240.50``; nothing where the whole is allowed."""
    allowed = allowed_by(request, response)
    if allowed is None:
        return ""
    asked = money(request.amount, request.currency, locale)
    return _("{allowed} of {asked}").format(allowed=money(allowed, request.currency, locale), asked=asked)


@dataclass(frozen=True)
class Cut:
    """The lowest amount that those who agreed named, which is the one that counts, and whose answer it was."""

    amount: Decimal
    vote: Vote

    @property
    def words(self) -> str:
        """The amount, e.g. ``€200.00 of €240.50``."""
        return allowed_in_words(self.vote.request, self.vote.response)


def cut_of(request: ApprovalRequest, votes: Iterable[Vote]) -> Cut | None:
    """Return what the answers so far lower the amount to; None where nobody lowered it."""
    agreed = ((allowed_by(request, vote.response), vote) for vote in votes if vote.choice == request.yes)
    lower = [Cut(amount, vote) for amount, vote in agreed if amount is not None]
    return min(lower, key=lambda cut: cut.amount, default=None)


def lowered_by(request: ApprovalRequest, response: Any, decided_by: str) -> str:
    """Return who set the lower amount of an outcome, where it is not who gave the last answer; else nothing."""
    if allowed_by(request, response) is None:
        return ""
    cut = cut_of(request, request.votes.select_related("voter", "for_person", "request"))
    return "" if cut is None or cut.vote.voter.username == decided_by else cut.vote.who

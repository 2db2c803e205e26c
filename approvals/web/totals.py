"""What many requests come to, each currency by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from babel.lists import format_list
from django.utils.translation import ngettext, ngettext_lazy

from approvals.models import ApprovalRequest, Vote
from approvals.models.sentence import Sentence
from approvals.web.approved import cut_of
from approvals.web.formats import money, own_locale

# Said before the click. Where others must answer too, a yes is still what this person gives.
TO_DO = {
    "approved": ngettext_lazy("You approve {count} request: {sum}", "You approve {count} requests: {sum}", "count"),
    "rejected": ngettext_lazy("You reject {count} request: {sum}", "You reject {count} requests: {sum}", "count"),
}
DONE = {
    "approved": ngettext_lazy("You approved {count} request: {sum}", "You approved {count} requests: {sum}", "count"),
    "rejected": ngettext_lazy("You rejected {count} request: {sum}", "You rejected {count} requests: {sum}", "count"),
}


@dataclass
class Totals:
    """So many requests, the sum of each currency among them, and how many name no amount."""

    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    without: int = 0

    @classmethod
    def of(cls, requests: Sequence[ApprovalRequest], left: Mapping[int, Decimal]) -> Self:
        """Add up the amounts, or what is ``left`` of them."""
        found = cls(len(requests))
        for one in requests:
            if one.amount is None:
                found.without += 1
            else:
                found.sums[one.currency] = found.sums.get(one.currency, Decimal()) + left.get(one.pk, one.amount)
        found.sums = dict(sorted(found.sums.items(), key=lambda pair: (not pair[0], pair[0])))
        return found

    def amounts(self, locale: str = "") -> str:
        """Return e.g. ``€3,410.00 and $120.00``; nothing where no request names an amount."""
        shown = [money(amount, currency, locale) for currency, amount in self.sums.items()]
        return format_list(shown, locale=own_locale()) if shown else ""

    def said(self, wording: Any, locale: str) -> str:
        """Return a sentence of ``TO_DO`` or ``DONE``; nothing where there is nothing to add up."""
        return Sentence(wording, count=self.count, sum=self.amounts(locale)) if self.sums else ""

    @property
    def left_out(self) -> str:
        """Say how many the sums do not hold."""
        if not self.sums or not self.without:
            return ""
        said = ngettext("{count} of them names no amount.", "{count} of them name no amount.", self.without)
        return said.format(count=self.without)

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON values, amounts as text."""
        return {
            "requests": self.count,
            "amounts": {currency: f"{amount.normalize():f}" for currency, amount in self.sums.items()},
            "without_amount": self.without,
        }


def left_for(choice: str, requests: Sequence[ApprovalRequest]) -> dict[int, Decimal]:
    """Return the lower amount of each request where an earlier answer named one: a yes is a yes to that."""
    if choice != "approved":
        return {}
    votes: dict[int, list[Vote]] = {}
    for vote in Vote.objects.filter(request__in=requests).defer("policy"):
        votes.setdefault(vote.request_id, []).append(vote)
    cuts = {one.pk: cut_of(one, votes[one.pk]) for one in requests if one.pk in votes}
    return {pk: cut.amount for pk, cut in cuts.items() if cut}

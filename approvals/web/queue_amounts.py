"""What the order by amount does not say by itself: who is not in it, and that it compares bare numbers."""

from dataclasses import dataclass, replace

from approvals.models import ApprovalRequest
from approvals.models.pages import Order, Page
from approvals.web.queue_view import View

# Those left out are counted by two ranges of an index, each no further than this.
MOST_COUNTED = 99


@dataclass(frozen=True)
class AmountNote:
    """How many requests without an amount the order leaves out; None where the view is too long, or searched."""

    without: int | None
    is_mixed: bool
    """Whether the page has more than one currency."""
    by_deadline: str
    """The address of the same view in the order that has them all."""


def amount_note(view: View, page: Page[ApprovalRequest]) -> AmountNote | None:
    """Return what to say above a list in the order of amounts; None above any other."""
    if view.order is not Order.AMOUNT:
        return None
    is_mixed = len({row.currency for row in page.rows}) > 1
    by_deadline = view.filters.query_in("" if view.tab.is_waiting else Order.DEADLINE.value, tab=view.tab)
    return AmountNote(_without(view), is_mixed, by_deadline)


def _without(view: View) -> int | None:
    """Both orders list what waits, the one by amount only where there is one: the difference has none."""
    if view.pile.words:
        return None
    waiting = len(replace(view.pile, order=Order.DEADLINE).ids(None, MOST_COUNTED + 1))
    return waiting - view.count(MOST_COUNTED) if waiting <= MOST_COUNTED else None

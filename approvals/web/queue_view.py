"""One view of the queue as its address asks for it: tab, filters, order and place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from approvals.models import ApprovalRequest
from approvals.models.pages import Cursor, Order, Page
from approvals.models.pile import Pile
from approvals.policy import Viewer
from approvals.web.formats import moment_of
from approvals.web.queue_filters import QueueFilters

ROWS = 25
CURSOR_ID = re.compile(r"[0-9]{1,18}")
# An address longer than this is no view of ours.
LONGEST = 4000


class Tab(StrEnum):
    """The views of the queue."""

    MINE = "mine"
    GROUPS = "groups"
    DECIDED = "decided"
    ALL = "all"

    @property
    def label(self) -> str:
        """What the tab says."""
        return str(TABS[self])

    @property
    def is_waiting(self) -> bool:
        """Whether all that it lists waits for an answer."""
        return self in {Tab.MINE, Tab.GROUPS}

    @property
    def order(self) -> Order:
        """Nearest deadline first where something waits, newest first elsewhere."""
        return Order.DEADLINE if self.is_waiting else Order.NEWEST


TABS = {
    Tab.MINE: _("Waiting for me"),
    Tab.GROUPS: _("My groups"),
    Tab.DECIDED: _("Decided by me"),
    Tab.ALL: pgettext_lazy("requests", "All"),
}


@dataclass(frozen=True)
class View:
    """One view of the queue."""

    viewer: Viewer
    tab: Tab
    filters: QueueFilters
    order: Order
    after: Cursor | None
    now: datetime

    @classmethod
    def asked_by(cls, address: Mapping[str, str], viewer: Viewer) -> "View":
        """Read the address; what cannot be read falls back to the start of "waiting for me"."""
        wanted = address.get("tab", "")
        tab = Tab(wanted) if wanted in set(Tab) else Tab.MINE
        filters = QueueFilters(address, offers_status=not tab.is_waiting, offers_order=tab is not Tab.DECIDED)
        order = Order(filters.chosen.get("sort") or tab.order)
        return cls(viewer, tab, filters, order, read_cursor(address.get("after", ""), order), timezone.now())

    @classmethod
    def read(cls, query: str, viewer: Viewer) -> "View":
        """Read the part of an address behind the question mark."""
        return cls.asked_by(QueryDict(query[:LONGEST]), viewer)

    @cached_property
    def pile(self) -> Pile:
        """What lies in this view."""
        viewer, ranges = self.viewer, self.filters.narrow(ApprovalRequest.objects.all(), self.now)
        requests = None
        put_to: list[int] | None = viewer.audiences
        match self.tab:
            case Tab.MINE:
                ranges = ranges.pending().still_open(self.now)
                requests = ranges.open().not_barred_for(viewer.username)
            case Tab.GROUPS:
                put_to, ranges = viewer.group_audiences, ranges.filter(status="pending")
            case Tab.DECIDED:
                put_to = None
            case Tab.ALL:
                put_to = None if viewer.sees_all else put_to
        return Pile(
            ranges if requests is None else requests,
            self.order,
            None if put_to is None else tuple(put_to),
            tuple(viewer.others) if self.tab is Tab.MINE or (self.tab is Tab.ALL and put_to is not None) else (),
            viewer.user if self.tab is Tab.DECIDED else None,
            self.filters.words,
            is_waiting=self.tab.is_waiting,
            reader=viewer.user,
            ranges=ranges,
        )

    def page(self) -> Page[ApprovalRequest]:
        """Return the rows."""
        return self.pile.page(self.after, ROWS)

    def count(self, most: int) -> int:
        """Return how many lie in the view, counting no further than ``most``."""
        return len(self.pile.ids(None, most))

    def address(self, *, after: str = "") -> str:
        """Return the query string of this view, or of its next page."""
        return self.filters.query(tab=self.tab, **({"after": after} if after else {}))

    @property
    def here(self) -> str:
        """The address of this very page."""
        return self.address(after=written(self.after.at, self.after.pk) if self.after else "")

    def behind(self, row: ApprovalRequest) -> str:
        """The place just behind a row, as text for the address."""
        return written(self.place_of(row), row.pk)

    def place_of(self, row: ApprovalRequest) -> datetime | Decimal | None:
        """Where a row stands in the order; None for one that the order does not list."""
        place: datetime | Decimal | None = row.answered_at or getattr(row, self.order.field)
        return place


def written(place: datetime | Decimal | None, pk: int) -> str:
    """Return a place as text for the address."""
    return f"{place.isoformat() if isinstance(place, datetime) else place}_{pk}"


def read_cursor(text: str, order: Order) -> Cursor | None:
    """Return the place that the address names, or None."""
    place, _, number = text.partition("_")
    if not CURSOR_ID.fullmatch(number):
        return None
    if order is not Order.AMOUNT:
        moment = moment_of(place)
        return None if moment is None else Cursor(moment, int(number))
    try:
        amount = Decimal(place[:40])
    except InvalidOperation:
        return None
    return Cursor(amount, int(number)) if amount.is_finite() and abs(amount.adjusted()) < 20 else None  # noqa: PLR2004

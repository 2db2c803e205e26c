"""The queue: what waits for me, for my groups, what I decided, and all that I may see."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from approvals.models import ApprovalRequest
from approvals.models.queue import Cursor, Order, Page, RequestQuerySet
from approvals.policy import Viewer
from approvals.web.formats import moment_of, relative, urgency
from approvals.web.middleware import PortalRequest
from approvals.web.queue_filters import QueueFilters

PAGE = "approvals/queue/page.html"
ROWS = 25
CURSOR_ID = re.compile(r"[0-9]{1,18}")


class Tab(StrEnum):
    """The views of the queue."""

    MINE = "mine"
    GROUPS = "groups"
    DECIDED = "decided"
    ALL = "all"

    @property
    def label(self) -> str:
        """What the tab says."""
        return {"mine": "Waiting for me", "groups": "My groups", "decided": "Decided by me", "all": "All"}[self]

    @property
    def order(self) -> Order:
        """Nearest deadline first where something waits, newest first elsewhere."""
        return Order.DEADLINE if self in {Tab.MINE, Tab.GROUPS} else Order.NEWEST


@dataclass(frozen=True)
class View:
    """One view of the queue as its address asks for it."""

    viewer: Viewer
    tab: Tab
    filters: QueueFilters
    after: Cursor | None
    now: datetime

    @classmethod
    def asked_by(cls, request: HttpRequest, viewer: Viewer) -> "View":
        """Read the address; what cannot be read falls back to the start of "waiting for me"."""
        wanted = request.GET.get("tab", "")
        tab = Tab(wanted) if wanted in set(Tab) else Tab.MINE
        filters = QueueFilters(request.GET, offers_status=tab.order is Order.NEWEST)
        return cls(viewer, tab, filters, read_cursor(request.GET.get("after", "")), timezone.now())

    def page(self) -> Page[ApprovalRequest]:
        """Return the rows."""
        requests = ApprovalRequest.objects.all()
        match self.tab:
            case Tab.MINE:
                open_ones = requests.open().not_barred_for(self.viewer.username).filter(expires_at__gt=self.now)
                return self._of_audiences(open_ones, self.viewer.audiences)
            case Tab.GROUPS:
                return self._of_audiences(requests, self.viewer.group_audiences)
            case Tab.DECIDED:
                return self.filters.narrow(requests, self.now).page_answered_by(self.viewer.user, self.after, ROWS)
            case Tab.ALL if self.viewer.sees_all:
                return self._all_of(requests)
            case Tab.ALL:
                return self._of_audiences(requests, self.viewer.audiences)

    def _of_audiences(self, requests: RequestQuerySet, audiences: list[int]) -> Page[ApprovalRequest]:
        narrowed = self.filters.narrow(requests, self.now)
        return narrowed.page_of_audiences(audiences, self.tab.order, self.after, ROWS)

    def _all_of(self, requests: RequestQuerySet) -> Page[ApprovalRequest]:
        return self.filters.narrow(requests, self.now).page(self.tab.order, self.after, ROWS)

    def address(self, *, after: str = "") -> str:
        """Return the query string of this view, or of its next page."""
        return self.filters.query(tab=self.tab, **({"after": after} if after else {}))


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def queue(request: PortalRequest) -> HttpResponse:
    """Show a view of the queue; htmx gets only the list, and nothing while the list is as it was."""
    view = View.asked_by(request, request.viewer)
    page = view.page()
    digest, seen = digest_of(page, view.now), request.GET.get("seen")
    if request.htmx and seen == digest:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    last = page.rows[-1] if page.more else None
    context = {
        "view": view,
        "tabs": list(Tab),
        "page": page,
        "digest": digest,
        "here": view.address(after=request.GET.get("after", "") if view.after else ""),
        "next": view.address(after=write_cursor(last, view.tab.order)) if last else "",
        "start": view.address(),
        # A refresh by itself is not announced: it would talk into what somebody is doing.
        "said": "" if seen else f"{len(page.rows)}{' or more' if page.more else ''} found",
    }
    answer = render(request, f"{PAGE}#list" if request.htmx else PAGE, context)
    if request.htmx and not seen:
        # Somebody searched or turned the page: the address bar follows, without empty filters.
        answer.headers["HX-Push-Url"] = f"{request.path}?{context['here']}"
    return answer


def digest_of(page: Page[ApprovalRequest], now: datetime) -> str:
    """Return what the rows say in short, so that a refresh that changes nothing sends nothing."""
    said = [
        (
            row.pk,
            row.version,
            getattr(row, "is_decided", False),
            getattr(row, "held_by", None),
            urgency(row.expires_at, now),
            relative(row.expires_at, now),
        )
        for row in page.rows
    ]
    return hashlib.blake2b(repr((said, page.more)).encode(), digest_size=8).hexdigest()


def write_cursor(row: ApprovalRequest, order: Order) -> str:
    """Return a row's place as text for the address."""
    place = row.answered_at or (row.expires_at if order is Order.DEADLINE else row.created_at)
    return f"{place.isoformat()}_{row.pk}"


def read_cursor(text: str) -> Cursor | None:
    """Return the place that the address names, or None."""
    place, _, number = text.partition("_")
    moment = moment_of(place)
    if moment is None or not CURSOR_ID.fullmatch(number):
        return None
    return Cursor(moment, int(number))

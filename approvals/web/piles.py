"""Working a pile: where a request stands in the view that it was opened from, and which comes next."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from approvals.models import ApprovalRequest
from approvals.models.pages import Cursor
from approvals.policy import Viewer
from approvals.web.queue_view import LONGEST, View

# A pile is counted no further than this.
MOST_COUNTED = 99


@dataclass(frozen=True)
class Place:
    """A request's place in a pile. ``number`` is None where it lies further down than is counted, or no more."""

    query: str
    number: int | None
    total: str
    before: ApprovalRequest | None
    after: ApprovalRequest | None

    @property
    def back(self) -> str:
        """The address of the page of the queue that the request was opened from."""
        return f"{reverse('queue')}?{self.query}"

    @property
    def before_address(self) -> str:
        """The address of the request before it."""
        return address_in(self.before, self.query) if self.before else ""

    @property
    def after_address(self) -> str:
        """The address of the next request."""
        return address_in(self.after, self.query) if self.after else ""


def pile_of(request: HttpRequest) -> str:
    """Return the pile that the page was opened from, as the address or the form says; empty where from none."""
    return (request.POST.get("pile") or request.GET.get("pile") or "")[:LONGEST]


def place_in(viewer: Viewer, query: str, item: ApprovalRequest) -> Place | None:
    """Return where the request stands in the pile; None without a pile."""
    if not query:
        return None
    view = View.read(query, viewer)
    ids = view.pile.ids(None, MOST_COUNTED + 1)
    total = f"{MOST_COUNTED}+" if len(ids) > MOST_COUNTED else str(len(ids))
    if item.pk in ids:
        at = ids.index(item.pk)
        near = named([*ids[max(0, at - 1) : at], *ids[at + 1 : at + 2]])
        before = near.get(ids[at - 1]) if at else None
        after = near.get(ids[at + 1]) if at + 1 < len(ids) else None
        return Place(view.here, at + 1, total, before, after)
    return Place(view.here, None, total, None, next_in(view, item))


def next_in(view: View, item: ApprovalRequest) -> ApprovalRequest | None:
    """Return the request that follows in the pile, or else the first of it; the item itself never."""
    at = view.place_of(item)
    ids = view.pile.ids(Cursor(at, item.pk), 1) if at is not None else []
    ids = ids or [pk for pk in view.pile.ids(None, 2) if pk != item.pk]
    return named(ids[:1]).get(ids[0]) if ids else None


def address_after(viewer: Viewer, query: str, item: ApprovalRequest) -> str | None:
    """Return where to go on once the request is answered: to the next of the pile; None at its end."""
    view = View.read(query, viewer)
    following = next_in(view, item)
    return address_in(following, view.here) if following else None


def address_in(item: ApprovalRequest, query: str) -> str:
    """Return the address of a request's page as part of a pile."""
    return f"{reverse('request', args=[item.approval_id])}?{urlencode({'pile': query})}"


def named(ids: list[int]) -> dict[int, ApprovalRequest]:
    """Return requests by id, with what a link needs."""
    return {one.pk: one for one in ApprovalRequest.objects.filter(pk__in=ids).only("id", "approval_id", "title")}

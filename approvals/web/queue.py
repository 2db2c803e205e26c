"""The queue: what waits for me, for my groups, what I decided, and all that I may see."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from approvals.actions.bulk import MOST
from approvals.models import ApprovalRequest, SavedView
from approvals.models.pages import Page
from approvals.policy import Viewer
from approvals.web.deputies import mark_rows
from approvals.web.formats import relative, urgency
from approvals.web.middleware import PortalRequest
from approvals.web.names import names_of
from approvals.web.queue_amounts import amount_note
from approvals.web.queue_gone import Gone, with_gone
from approvals.web.queue_view import Tab, View

PAGE = "approvals/queue/page.html"
MOST_COUNTED = 99
# So many of the offered views tell how much lies in them.
COUNTED_VIEWS = 8
SHOWN = re.compile(r"[0-9]{1,18}(?:,[0-9]{1,18}){0,60}")


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def queue(request: PortalRequest) -> HttpResponse:
    """Show a view of the queue; htmx gets only the list, and nothing while the list is as it was."""
    # A part of the page asks by its full address; only somebody who comes without one gets the view they prefer.
    views = [] if request.htmx else list(SavedView.objects.offered_to(request.viewer.user, request.viewer.groups))
    view = view_asked(request, views)
    page = view.page()
    digest, seen = digest_of(page, view.now), request.GET.get("seen")
    if request.htmx and seen == digest:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    context = listed(view, page, digest, request.GET.get("rows", "") if seen else "")
    if request.htmx:
        # A refresh by itself is announced only where something was decided: else it would talk into what one does.
        context["said"] = gone_words(context["rows"]) if seen else found_words(page)
        context["is_asked_anew"] = not seen
        answer = render(request, f"{PAGE}#list", context)
        if not seen:
            # Somebody searched or turned the page: the address bar follows, without empty filters.
            answer.headers["HX-Push-Url"] = f"{request.path}?{context['here']}"
        return answer
    current = next((one for one in views if one.query == context["start"]), None)
    return render(request, PAGE, context | {"tabs": list(Tab), "views": views, "current_view": current})


def view_asked(request: PortalRequest, views: list[SavedView]) -> View:
    """Return the view that the address asks for; an address without any asks for the one that the person prefers."""
    if not request.GET:
        preferred = next((one for one in views if one.pk == request.viewer.user.default_view_id), None)
        if preferred is not None:
            return View.read(preferred.query, request.viewer)
    return View.asked_by(request.GET, request.viewer)


def listed(view: View, page: Page[ApprovalRequest], digest: str, shown: str) -> dict[str, Any]:
    """Return what the list shows; of the rows ``shown`` before, those that were decided meanwhile take their leave."""
    mark_rows(view.viewer, page.rows)
    name_holders(view.viewer, page.rows)
    before = [int(pk) for pk in shown.split(",")] if SHOWN.fullmatch(shown) else []
    return {
        "view": view,
        "page": page,
        "rows": with_gone(view, page.rows, before),
        "digest": digest,
        "shown": ",".join(str(row.pk) for row in page.rows),
        "here": view.here,
        "next": view.address(after=view.behind(page.rows[-1])) if page.more else "",
        "start": view.address(),
        "most_at_once": MOST,
        "amount_note": amount_note(view, page),
    }


def name_holders(viewer: Viewer, rows: Iterable[Any]) -> None:
    """Note on each row that somebody else is on what their full name is: ``row.holder_name``. Asks once, or not."""
    held = [row for row in rows if getattr(row, "held_by", None) not in {None, viewer.username}]
    names = names_of(row.held_by for row in held) if held else {}
    for row in held:
        row.holder_name = names.get(row.held_by, row.held_by)


def found_words(page: Page[ApprovalRequest]) -> str:
    """Say how many were found."""
    said = _("{count} or more found") if page.more else _("{count} found")
    return said.format(count=len(page.rows))


def gone_words(rows: list[ApprovalRequest | Gone]) -> str:
    """Say what was decided while somebody looked."""
    said = _("{title}: {outcome}.")
    return " ".join(said.format(title=row.title, outcome=row.said) for row in rows if isinstance(row, Gone))


@require_safe
@never_cache
def counts(request: PortalRequest) -> HttpResponse:
    """Say how much lies in the tabs and views of the person, counting no further than a list shows."""
    viewer = request.viewer
    views = list(SavedView.objects.offered_to(viewer.user, viewer.groups)[:COUNTED_VIEWS])
    asked = {tab.value: f"tab={tab}" for tab in Tab if tab.is_waiting} | {f"view-{one.pk}": one.query for one in views}
    found = {name: View.read(query, viewer).count(MOST_COUNTED + 1) for name, query in asked.items()}
    told = {name: f"{MOST_COUNTED}+" if many > MOST_COUNTED else str(many or "") for name, many in found.items()}
    return render(request, "approvals/queue/counts.html", {"counts": told})


def digest_of(page: Page[ApprovalRequest], now: datetime | None = None) -> str:
    """Return what the rows say in short, so that a refresh that changes nothing sends nothing."""
    now = now or timezone.now()
    said = [
        (
            row.pk,
            row.version,
            getattr(row, "is_decided", False),
            getattr(row, "is_read", True),
            getattr(row, "held_by", None),
            urgency(row.answer_by, now),
            relative(row.answer_by, now),
        )
        for row in page.rows
    ]
    return hashlib.blake2b(repr((said, page.more)).encode(), digest_size=8).hexdigest()

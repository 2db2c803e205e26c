"""One's notifications: the list, and what was read of it."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from approvals.actions.read_notifications import read_all, read_one
from approvals.models import Notification
from approvals.web.formats import locale_of
from approvals.web.middleware import PortalRequest
from approvals.web.tellings import tellings_of

PAGE = 30
LONGEST_KEY = 18


@require_safe
@never_cache
def notifications(request: PortalRequest) -> HttpResponse:
    """List what the person was told, newest first; ``?show=unread`` leaves out what was read."""
    only_unread, after = request.GET.get("show") == "unread", _key(request.GET.get("after", ""))
    mine = Notification.objects.shown_to(request.viewer.user).select_related(
        "occasion", "request__effective", "person", "for_person"
    )
    if only_unread:
        mine = mine.unread()
    if after:
        mine = mine.filter(pk__lt=after)
    rows = list(mine[: PAGE + 1])
    context = {
        "told": tellings_of(rows[:PAGE], locale_of(request)),
        "only_unread": only_unread,
        "after": after,
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else 0,
        "newest": rows[0].pk if rows else 0,
        "has_unread": Notification.objects.shown_to(request.viewer.user).unread().exists(),
    }
    return render(request, "approvals/notifications/page.html", context)


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_KEY else 0


@require_safe
@never_cache
def open_notification(request: PortalRequest, key: int) -> HttpResponse:
    """Lead to what a notification is about; it has been read then."""
    mine = Notification.objects.filter(person=request.viewer.user).select_related(
        "occasion", "request__effective", "person", "for_person"
    )
    found = get_object_or_404(mine, pk=key)
    [telling] = tellings_of([found], locale_of(request))
    if request.method == "GET":
        read_one(request.viewer, found.pk)
    return redirect(telling.address)


@require_POST
def mark_read(request: PortalRequest) -> HttpResponse:
    """Mark one as read (``key``), or all up to the newest that the page showed (``newest``)."""
    key, newest = _key(request.POST.get("key", "")), _key(request.POST.get("newest", ""))
    only_unread, after = request.POST.get("show") == "unread", _key(request.POST.get("after", ""))
    focus = "told-title"
    if key:
        if follows := _behind(request, key, only_unread=only_unread):
            focus = f"told-{follows}"
        read_one(request.viewer, key)
    else:
        read_all(request.viewer, newest)
    query = urlencode({**({"show": "unread"} if only_unread else {}), **({"after": after} if after and key else {})})
    # The button that was pressed is gone: the fragment gives the focus to what comes next.
    return redirect(f"{reverse('notifications')}{'?' if query else ''}{query}#{focus}")


def _behind(request: PortalRequest, key: int, *, only_unread: bool) -> int | None:
    """Return the notification to go on with: the next unread one where only those are listed, else the one itself."""
    if not only_unread:
        return key
    mine = Notification.objects.shown_to(request.viewer.user).unread()
    return mine.filter(pk__lt=key).values_list("pk", flat=True).first()

"""What the page frame shows. Each value is worked out only when a template asks for it, and once."""

from functools import cache

from django.conf import settings
from django.db.models import IntegerField, Subquery
from django.http import HttpRequest

from approvals.models import ApprovalRequest, Notification, Pulse
from approvals.models.pulse import PulseQuerySet
from approvals.policy import Viewer
from approvals.web.theme import theme_of

MOST_COUNTED = 9


class CountOf(Subquery):
    """The number of rows of a query with a limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def portal(request: HttpRequest) -> dict[str, object]:
    """Values for the page frame."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    seen = cache(lambda: pulses(viewer))
    return {
        "DEMO": settings.DEMO,
        "DEMO_INBOX_URL": settings.DEMO_INBOX_URL,
        # Each by its own name, whatever the language of the page.
        "languages": settings.LANGUAGES,
        "theme": theme_of(request),
        "viewer": viewer,
        "waiting_count": cache(lambda: waiting_count(viewer)),
        "unread_count": cache(lambda: unread_count(seen())),
        "away_now": cache(lambda: viewer.away if viewer else []),
        "trouble": cache(lambda: trouble(seen()) if viewer else []),
    }


def waiting_count(viewer: Viewer | None) -> str:
    """Return how many requests wait for the person, counting no further than nine; empty when none."""
    if viewer is None:
        return ""
    open_for_them = ApprovalRequest.objects.open().not_barred_for(viewer.username)
    waiting = open_for_them.count_of_audiences(viewer.audiences, MOST_COUNTED + 1, viewer.others)
    if waiting > MOST_COUNTED:
        return f"{MOST_COUNTED}+"
    return str(waiting or "")


def pulses(viewer: Viewer | None) -> PulseQuerySet:
    """Return the worker's pulses, for signed-in people only; each carries how many unread notifications they have.

    Both in one question, since every page asks them. Who has no pulse has no worker, and nobody was told anything.
    """
    if viewer is None:
        return Pulse.objects.none()
    unread = Notification.objects.shown_to(viewer.user).unread().values("pk")[: MOST_COUNTED + 1]
    return Pulse.objects.of_parts().annotate(unread=CountOf(unread))


def unread_count(seen: PulseQuerySet) -> str:
    """Return how many unread notifications the person has, counting no further than nine; empty when none."""
    unread = next((int(getattr(pulse, "unread", 0)) for pulse in seen), 0)
    return f"{MOST_COUNTED}+" if unread > MOST_COUNTED else str(unread or "")


def trouble(seen: PulseQuerySet) -> list[str]:
    """Return what does not work at the moment."""
    return seen.trouble()

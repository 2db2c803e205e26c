"""What the page frame shows. Each value is worked out only when a template asks for it, and once."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest

from approvals.models import ApprovalRequest, Pulse
from approvals.policy import Viewer
from approvals.web.theme import theme_of

MOST_COUNTED = 9


def portal(request: HttpRequest) -> dict[str, object]:
    """Values for the page frame."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    return {
        "DEMO": settings.DEMO,
        "theme": theme_of(request),
        "viewer": viewer,
        "waiting_count": cache(lambda: waiting_count(viewer)),
        "trouble": cache(lambda: trouble(viewer)),
    }


def waiting_count(viewer: Viewer | None) -> str:
    """Return how many requests wait for the person, counting no further than nine; empty when none."""
    if viewer is None:
        return ""
    open_for_them = ApprovalRequest.objects.open().not_barred_for(viewer.username)
    waiting = open_for_them.count_of_audiences(viewer.audiences, most=MOST_COUNTED + 1)
    if waiting > MOST_COUNTED:
        return f"{MOST_COUNTED}+"
    return str(waiting or "")


def trouble(viewer: Viewer | None) -> list[str]:
    """Return what does not work at the moment, for signed-in people only."""
    return Pulse.objects.trouble() if viewer else []

"""The person behind a request to the admin."""

from django.http import HttpRequest

from approvals.policy import Viewer


def viewer_of(request: HttpRequest) -> Viewer | None:
    """Return who asks, or None for a stranger."""
    return getattr(request, "viewer", None)


def known_viewer(request: HttpRequest) -> Viewer:
    """Return who asks, where the site has let them in already."""
    viewer = viewer_of(request)
    if viewer is None:
        raise RuntimeError("The admin site lets nobody in without an account.")
    return viewer

"""What every request carries: the viewer, and the viewer's time zone and language."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django_htmx.middleware import HtmxDetails

from approvals.models import User
from approvals.models.clock import zone_of
from approvals.policy import Viewer
from approvals.web.language import language_of


class PortalRequest(HttpRequest):
    """A request of a signed-in person; views take this type once ``login_required`` has let them pass."""

    viewer: Viewer
    htmx: HtmxDetails


class SignedOutFragmentMiddleware:
    """Send the whole page to the sign-in when a part of it is asked for after the session has ended."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        answer = self.get_response(request)
        asked_for_part = request.headers.get("HX-Request") == "true"
        if asked_for_part and not request.user.is_authenticated and answer.status_code == HTTPStatus.FOUND:
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})
        return answer


class ViewerMiddleware:
    """Set ``request.viewer`` and switch to the person's time zone and language for the length of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        request.viewer = SimpleLazyObject(lambda: Viewer.of(user, address_of(request)))  # type: ignore[attr-defined]
        language = language_of(user) or translation.get_language()
        with timezone.override(zone_of(user)), translation.override(language):
            answer = self.get_response(request)
        # Django's own middleware would name the language that the browser asked for.
        answer.headers.setdefault("Content-Language", language or settings.LANGUAGE_CODE)
        return answer


def address_of(request: HttpRequest) -> str | None:
    """Return the client's address; X-Forwarded-For is believed only as far as TRUSTED_PROXIES says."""
    direct: str | None = request.META.get("REMOTE_ADDR") or None
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXIES
    return hops[-trusted] if trusted and len(hops) >= trusted else direct

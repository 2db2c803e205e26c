"""Error pages."""

from django.http import HttpRequest, HttpResponse


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form did not come from this portal or is too old."""
    return HttpResponse(
        "This form is too old or did not come from this portal. Go back, reload, and send it again.",
        status=403,
    )

"""What every page shows."""

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, object]:
    """Values for the page frame."""
    return {"DEMO": settings.DEMO}

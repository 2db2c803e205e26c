"""The queue: what waits, for whom."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def queue(request: HttpRequest) -> HttpResponse:
    """Show the queue."""
    return render(request, "approvals/queue/page.html")

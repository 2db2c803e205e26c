"""Views of the queue that people keep: save, delete, prefer."""

import re

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from approvals.actions.errors import Invalid
from approvals.actions.views import delete_view, prefer_view, save_view
from approvals.web.middleware import PortalRequest
from approvals.web.queue_view import View

NUMBER = re.compile(r"[0-9]{1,18}")


@require_POST
def keep(request: PortalRequest) -> HttpResponse:
    """Keep the view that the form was opened on."""
    # Read and written anew, so that only what the queue understands is kept, and in one spelling.
    query = View.read(request.POST.get("query", ""), request.viewer).address()
    try:
        view = save_view(request.viewer, request.POST.get("name", ""), query, request.POST.get("group", ""))
        if request.POST.get("prefer"):
            prefer_view(request.viewer, view.pk)
    except Invalid as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, _("Saved as {view}.").format(view=view.name))
    return to_queue(query)


@require_POST
def drop(request: PortalRequest, pk: int) -> HttpResponse:
    """Delete a view."""
    try:
        messages.success(request, _("The view {view} is deleted.").format(view=delete_view(request.viewer, pk)))
    except Invalid as fault:
        messages.error(request, str(fault))
    return to_queue(View.read(request.POST.get("query", ""), request.viewer).address())


@require_POST
def prefer(request: PortalRequest) -> HttpResponse:
    """Open the queue with this view from now on, or as it comes."""
    chosen = request.POST.get("view", "")
    try:
        view = prefer_view(request.viewer, int(chosen) if NUMBER.fullmatch(chosen) else None)
    except Invalid as fault:
        messages.error(request, str(fault))
    else:
        opens = _("The queue opens with {view}.").format(view=view.name) if view else ""
        messages.success(request, opens or _("The queue opens with what waits for you."))
    return to_queue(View.read(request.POST.get("query", ""), request.viewer).address())


def to_queue(query: str) -> HttpResponse:
    """Lead back to the view."""
    return redirect(f"{reverse('queue')}?{query}")

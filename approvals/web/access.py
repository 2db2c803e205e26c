"""The one door to a request: a view that has it has asked the policy."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from approvals.models import ApprovalRequest, AuditEvent
from approvals.policy import may_view
from approvals.web.middleware import PortalRequest


def get_request_for_viewer(request: PortalRequest, approval_id: str) -> ApprovalRequest:
    """Return the request that the person may see. Raises Http404 otherwise, which does not say that it exists."""
    # PostgreSQL refuses NUL in a text, and no item's id holds one.
    found = None if "\0" in approval_id else ApprovalRequest.objects.filter(approval_id=approval_id).first()
    if found is None:
        raise Http404
    allowed = may_view(request.viewer, found)
    if not allowed:
        AuditEvent.objects.record(request.viewer.actor, "request.view_refused", found, allowed.reason, why=allowed.code)
        raise Http404
    return found


def posted[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Send anybody who merely opens the address (after signing in anew, say) to the request's page: only POST acts."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request = args[0]
        if isinstance(request, HttpRequest) and request.method != "POST":
            return redirect("request", kwargs["approval_id"])
        return view(*args, **kwargs)

    return guarded

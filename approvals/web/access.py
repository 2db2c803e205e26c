"""The one door to a request: a view that has it has asked the policy."""

from collections.abc import Callable, Sequence
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from approvals.models import ApprovalRequest, AuditEvent
from approvals.policy import may_view
from approvals.web.middleware import PortalRequest

# What an answer that is counted needs nothing of; read where it is needed after all.
LONG = ("details", "attachments", "events", "summary", "decision")


def get_request_for_viewer(request: PortalRequest, approval_id: str, *, leave: Sequence[str] = ()) -> ApprovalRequest:
    """Return the request that the person may see. Raises Http404 otherwise, which does not say that it exists.

    Columns to ``leave`` are read only when somebody asks for them.
    """
    rows = ApprovalRequest.objects.defer(*leave).filter(approval_id=approval_id)
    # PostgreSQL refuses NUL in a text, and no item's id holds one.
    found = None if "\0" in approval_id else next(iter(rows), None)
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

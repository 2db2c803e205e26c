"""The switch for single keys."""

from http import HTTPStatus

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from approvals.actions.preferences import use_shortcuts
from approvals.web.middleware import PortalRequest


@require_POST
def shortcuts(request: PortalRequest) -> HttpResponse:
    """Keep the choice; the page has acted on it already."""
    use_shortcuts(request.viewer, on=bool(request.POST.get("on")))
    return HttpResponse(status=HTTPStatus.NO_CONTENT)

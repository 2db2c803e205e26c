"""Say that one is on a request, and stop saying so."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from approvals.actions.claim import claim, release
from approvals.actions.errors import ActionError
from approvals.models import ApprovalRequest, Claim
from approvals.policy import Viewer, may_claim, may_release
from approvals.web.access import get_request_for_viewer, posted
from approvals.web.formats import exact
from approvals.web.middleware import PortalRequest

# The button that was pressed is gone: what came of it has the focus.
FOCUS = "focus"


def claim_on(viewer: Viewer, item: ApprovalRequest) -> dict[str, Any]:
    """Return who is on the request, and what the person may do about it."""
    held = Claim.objects.on(item, timezone.now()) if item.is_pending else None
    return {
        "claim": held,
        "may_claim": may_claim(viewer, item),
        "may_release": may_release(viewer, held) if held else None,
    }


@posted
@never_cache
def claim_request(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Claim the request."""
    item = get_request_for_viewer(request, approval_id)
    try:
        held = claim(request.viewer, item.approval_id, request.POST.get("reason", ""))
    except ActionError as fault:
        messages.error(request, str(fault), FOCUS)
    else:
        said = _("The others see until {moment} that you are on it.").format(moment=exact(held.until))
        messages.success(request, said, FOCUS)
    return redirect("request", approval_id)


@posted
@never_cache
def release_request(request: PortalRequest, approval_id: str) -> HttpResponse:
    """End the claim."""
    item = get_request_for_viewer(request, approval_id)
    try:
        release(request.viewer, item.approval_id)
    except ActionError as fault:
        messages.error(request, str(fault), FOCUS)
    else:
        messages.success(request, _("Nobody is on it any more."), FOCUS)
    return redirect("request", approval_id)

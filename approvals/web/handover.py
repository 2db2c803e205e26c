"""Put a request to somebody else, or ask somebody as well."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from approvals.actions.errors import Invalid, Refused
from approvals.actions.handover import add_approver, reassign
from approvals.models import ApprovalRequest
from approvals.policy import Viewer, may_hand_over
from approvals.web.access import get_request_for_viewer, posted
from approvals.web.claims import FOCUS
from approvals.web.middleware import PortalRequest

FORM = "approvals/request/handover_page.html"


def handing(viewer: Viewer, item: ApprovalRequest) -> dict[str, Any]:
    """Return whether the person may change who is asked."""
    return {"may_hand_over": may_hand_over(viewer, item)}


@posted
@never_cache
def hand_over(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Do what the pressed button says; a fault shows the form again with what was typed."""
    item = get_request_for_viewer(request, approval_id)
    username, reason = request.POST.get("to", ""), request.POST.get("reason", "")
    is_added = request.POST.get("what") == "add"
    try:
        done = (add_approver if is_added else reassign)(request.viewer, item.approval_id, username, reason)
    except Refused as fault:
        messages.error(request, str(fault), FOCUS)
        return redirect("request", approval_id)
    except Invalid as fault:
        context = {"item": item, "typed": {"to": username, "reason": reason}, "errors": {fault.field: str(fault)}}
        context |= handing(request.viewer, item)
        return render(request, FORM, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = _("{person} is asked as well.") if is_added else _("{person} is asked now.")
    messages.success(request, said.format(person=done.taker), FOCUS)
    return redirect("request", approval_id)

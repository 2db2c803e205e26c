"""Put a request to somebody else, or ask somebody as well."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.actions.errors import Invalid, Refused
from approvals.actions.handover import add_approver, reassign
from approvals.models import ApprovalRequest, User
from approvals.models.names import beginning_with
from approvals.models.text import clean, one_line
from approvals.policy import Viewer, may_hand_over, who_may_be_asked
from approvals.web.access import get_request_for_viewer, posted
from approvals.web.claims import FOCUS
from approvals.web.middleware import PortalRequest

FORM = "approvals/request/handover_page.html"
# Offered at once; who is asked among more is found by typing.
MOST_PEOPLE = 20
LONGEST_NAME = 60


def handing(viewer: Viewer, item: ApprovalRequest) -> dict[str, Any]:
    """Return whether the person may change who is asked, and the first of those whom they may ask."""
    allowed = may_hand_over(viewer, item)
    listed = askable(viewer, item, "", MOST_PEOPLE + 1) if allowed else []
    return {"may_hand_over": allowed, "askable": listed[:MOST_PEOPLE], "more_askable": len(listed) > MOST_PEOPLE}


def askable(viewer: Viewer, item: ApprovalRequest, begun: str, most: int) -> list[User]:
    """Return some of those whom the person may ask, by the beginning of any of their names."""
    return list(beginning_with(who_may_be_asked(viewer, item), begun)[:most])


@require_safe
@never_cache
def people(request: PortalRequest, approval_id: str) -> HttpResponse:
    """List those who may be asked, as options of the form's list, while somebody types."""
    item = get_request_for_viewer(request, approval_id)
    if not may_hand_over(request.viewer, item):
        raise Http404
    begun = one_line(clean(request.GET.get("to", "")))[:LONGEST_NAME]
    context = {"askable": askable(request.viewer, item, begun, MOST_PEOPLE)}
    return render(request, "approvals/request/askable.html", context)


@posted
@never_cache
def hand_over(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Do what the pressed button says; a fault shows the form again with what was typed."""
    item = get_request_for_viewer(request, approval_id)
    name, reason = request.POST.get("to", ""), request.POST.get("reason", "")
    is_added = request.POST.get("what") == "add"
    try:
        done = (add_approver if is_added else reassign)(request.viewer, item.approval_id, name, reason)
    except Refused as fault:
        messages.error(request, str(fault), FOCUS)
        return redirect("request", approval_id)
    except Invalid as fault:
        context = {"item": item, "typed": {"to": name, "reason": reason}, "errors": {fault.field: str(fault)}}
        context |= handing(request.viewer, item)
        return render(request, FORM, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = _("{person} is asked as well.") if is_added else _("{person} is asked now.")
    messages.success(request, said.format(person=done.taker), FOCUS)
    return redirect("request", approval_id)

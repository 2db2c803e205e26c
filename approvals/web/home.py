"""The first page: what waits for the person, where their own things are, and what needs an admin."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.models import ApprovalRequest, Decision, Delivery, Letter, Notification, Occasion, Pulse, Run, Submission
from approvals.models.mirror import RunStatus
from approvals.models.pages import Order
from approvals.policy import Viewer, may_audit
from approvals.policy.answerable import blocked_now, put_to_operators
from approvals.web.deputies import mark_rows
from approvals.web.forms import offered
from approvals.web.middleware import PortalRequest
from approvals.web.names import names_of
from approvals.web.whereabouts import whereabouts

FEW = 5
FEW_DRAFTS = 3
RECENT = 8
LATELY = timedelta(days=3)


@require_safe
@never_cache
def home(request: PortalRequest) -> HttpResponse:
    """Show the first page."""
    viewer = request.viewer
    waiting = waiting_for(viewer)
    mark_rows(viewer, waiting)
    context: dict[str, Any] = {
        "waiting": waiting,
        "is_asked": bool(viewer.audiences or viewer.groups or viewer.stands_in),
        "names": names_of(one.requester for one in waiting),
        "sheets": offered(),
        "orphaned": orphaned_for(viewer),
        **own(viewer),
    }
    if may_audit(viewer):
        context |= office()
    return render(request, "approvals/pages/home.html", context)


def waiting_for(viewer: Viewer) -> list[ApprovalRequest]:
    """Return the few requests with the nearest deadlines that the person can answer now."""
    waiting = ApprovalRequest.objects.open().not_barred_for(viewer.username).still_open(timezone.now())
    return waiting.page_of_audiences(viewer.audiences, Order.DEADLINE, size=FEW, others=viewer.others).rows


def orphaned_for(viewer: Viewer) -> list[ApprovalRequest]:
    """Return the requests that the person waited for and that ended without an answer lately."""
    told = Notification.objects.of_errors(viewer.user, since=timezone.now() - LATELY)
    requests = {one.request_id: one.request for one in told if one.request and one.request.orphaned}
    return list(requests.values())[:FEW]


def own(viewer: Viewer) -> dict[str, Any]:
    """Return the person's newest submissions with where they are; drafts stand apart."""
    mine = Submission.objects.filter(requester=viewer.user).select_related("requester").order_by("-created_at", "-id")
    return {
        "places": whereabouts(mine.exclude(state=Submission.State.DRAFT)[:FEW]),
        "drafts": list(mine.filter(state=Submission.State.DRAFT)[:FEW_DRAFTS]),
    }


def office() -> dict[str, Any]:
    """Return what auditors and admins look after."""
    failed = Run.objects.filter(status=RunStatus.FAILED).order_by("-created_at", "-id")
    decisions = Decision.objects.select_related("request", "decided_by", "for_person").order_by("-decided_at", "-id")
    return {
        "office": True,
        "blocked": blocked_now(FEW),
        "unsettled": put_to_operators(FEW),
        "stuck": list(Delivery.objects.stuck().order_by("-created_at", "-id")[:FEW]),
        "failed": list(failed[:FEW]),
        "letters": list(Letter.objects.stuck().select_related("person").order_by("-created_at", "-id")[:FEW]),
        "untold": list(Occasion.objects.stuck().order_by("-id")[:FEW]),
        "pulses": list(Pulse.objects.order_by("name")),
        "decisions": list(decisions[:RECENT]),
    }

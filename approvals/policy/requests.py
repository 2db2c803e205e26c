"""Who may see, decide, discuss and cancel a request."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from approvals.models import ApprovalRequest, Decision, Vote
from approvals.models.queue import RequestQuerySet
from approvals.policy.answer import Answer, no, yes
from approvals.policy.viewer import Viewer


def in_audience(viewer: Viewer, request: ApprovalRequest) -> bool:
    """Whether the request's policy names the person or one of their groups."""
    users = request.policy.get("users") or []
    groups = request.policy.get("groups") or []
    return viewer.username in users or not viewer.groups.isdisjoint(groups)


def is_excluded(viewer: Viewer, request: ApprovalRequest) -> bool:
    """Whether the policy names the person as one who must not answer."""
    return any(viewer.is_called(name) for name in request.policy.get("exclude") or [])


def is_own_revision(viewer: Viewer, request: ApprovalRequest) -> bool:
    """Whether the request wants changes of the person who asked, and names them: nobody approves by making them."""
    is_named = viewer.username in (request.policy.get("users") or [])
    return request.kind == "revision" and viewer.username == request.requester and is_named


def may_decide(viewer: Viewer, request: ApprovalRequest, now: datetime | None = None) -> Answer:
    """Say whether the person may answer the request now. Order matters: the plainest reason comes first."""
    refusal = _barred(viewer, request)
    if refusal is None:
        refusal = _closed(viewer, request, now or timezone.now())
    if refusal is not None:
        return refusal
    if is_own_revision(viewer, request):
        return yes("revision", "Changes are wanted, and they are yours to make.")
    return yes("asked", "You may decide this.")


def _barred(viewer: Viewer, request: ApprovalRequest) -> Answer | None:
    if not viewer.is_active:
        return no("inactive", "Your account is not active.")
    if viewer.is_called(request.requester) and not is_own_revision(viewer, request):
        return no("requester", "You asked for this, so somebody else must decide it.")
    if not in_audience(viewer, request):
        return no("not_asked", "This request is not put to you or to one of your groups.")
    if is_excluded(viewer, request):
        return no(
            "excluded", "You decided an earlier stage of this run, or it is about you: somebody else must decide."
        )
    return None


def _closed(viewer: Viewer, request: ApprovalRequest, now: datetime) -> Answer | None:
    if not request.is_pending:
        return no("closed", f"This request is closed: {request.get_status_display().lower()}.")
    if Decision.objects.filter(request=request).exists():
        return no("decided", "A decision is recorded and on its way to the workflow.")
    if Vote.objects.filter(request=request, voter=viewer.user).exists():
        return no("voted", "You have answered; the request waits for others.")
    if request.expires_at <= now:
        return no("expired", "The deadline has passed; the workflow goes on without an answer.")
    return None


def may_view(viewer: Viewer, request: ApprovalRequest) -> Answer:
    """Say whether the person may see the request, its comments and its history."""
    if not viewer.is_active:
        return no("inactive", "Your account is not active.")
    if viewer.sees_all:
        return yes("sees_all", "You see every request.")
    if viewer.is_called(request.requester):
        return yes("requester", "You asked for this.")
    if in_audience(viewer, request):
        return yes("asked", "It is put to you or to one of your groups.")
    if visible_requests(viewer).filter(run_name=request.run_name).exists():
        return yes("same_run", "You are part of this run.")
    return no("unrelated", "You are not part of this request.")


def visible_requests(viewer: Viewer) -> RequestQuerySet:
    """The requests that the person may see in lists, by their own part in them."""
    requests = ApprovalRequest.objects.all()
    if not viewer.is_active:
        return requests.none()
    if viewer.sees_all:
        return requests
    return requests.filter(Q(requester=viewer.username) | Q(audience__in=viewer.audiences))


def may_comment(viewer: Viewer, request: ApprovalRequest) -> Answer:
    """Say whether the person may remark on the request: whoever is part of it, and admins."""
    seen = may_view(viewer, request)
    if not seen:
        return seen
    if viewer.is_auditor and not (
        viewer.is_admin or in_audience(viewer, request) or viewer.is_called(request.requester)
    ):
        return no("auditor", "Auditors read and leave no remarks.")
    return yes("part", "You are part of this request.")


def may_cancel(viewer: Viewer, request: ApprovalRequest) -> Answer:
    """Say whether the person may close the request without an answer: the requester or an admin."""
    if not viewer.is_active:
        return no("inactive", "Your account is not active.")
    if not request.is_pending:
        return no("closed", f"This request is closed: {request.get_status_display().lower()}.")
    if Decision.objects.filter(request=request).exists():
        return no("decided", "A decision is recorded and on its way to the workflow.")
    if viewer.is_called(request.requester):
        return yes("withdrawn", "You asked for this and may withdraw it.")
    if viewer.is_admin:
        return yes("cancelled", "Admins may cancel a request.")
    return no("unrelated", "Only the requester or an admin may close a request without an answer.")

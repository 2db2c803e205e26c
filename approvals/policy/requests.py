"""Who may see, decide, discuss and cancel a request."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest, Decision, Vote
from approvals.models.mirror import RequestStatus
from approvals.models.queue import RequestQuerySet
from approvals.policy.answer import Answer, no, yes
from approvals.policy.checks import CLOSED, checks
from approvals.policy.floor import in_audience, is_own_revision
from approvals.policy.viewer import Viewer


def may_decide(viewer: Viewer, request: ApprovalRequest, now: datetime | None = None) -> Answer:
    """Say whether the person may answer the request now: the first check that fails says why not."""
    deputy: Answer | None = None
    for check in checks(viewer, request, now):
        if not check.answer:
            return check.answer
        if check.answer.code == "deputy":
            deputy = check.answer
    if deputy is not None:
        return deputy
    if is_own_revision(viewer, request):
        return yes("revision", _("Changes are wanted, and they are yours to make."))
    return yes("asked", _("You may decide this."))


def may_view(viewer: Viewer, request: ApprovalRequest) -> Answer:
    """Say whether the person may see the request, its comments and its history."""
    if not viewer.is_active:
        return no("inactive", _("Your account is not active."))
    if viewer.sees_all:
        return yes("sees_all", _("You see every request."))
    if viewer.is_called(request.requester):
        return yes("requester", _("You asked for this."))
    if in_audience(viewer, request):
        return yes("asked", _("It is put to you or to one of your groups."))
    return _by_its_run(viewer, request)


def _by_its_run(viewer: Viewer, request: ApprovalRequest) -> Answer:
    if visible_requests(viewer).filter(run_name=request.run_name).exists():
        if _is_put_to_those_away(viewer, request):
            return yes("deputy", _("It is put to somebody who is away and whom you stand in for."))
        return yes("same_run", _("You are part of this run."))
    if Vote.objects.filter(voter=viewer.user, request__run_name=request.run_name, for_person__isnull=False).exists():
        return yes("answered", _("You answered in this run, for somebody who was away."))
    return no("unrelated", _("You are not part of this request."))


def _is_put_to_those_away(viewer: Viewer, request: ApprovalRequest) -> bool:
    """Whether somebody for whom they stand in is asked, as deputies see it: while it lasts."""
    now = timezone.now()
    standing_in = (one for one in viewer.stands_in if one.holds(request.workflow, now))
    return any(in_audience(viewer.holder_of(one), request) for one in standing_in)


def visible_requests(viewer: Viewer) -> RequestQuerySet:
    """The requests that the person may see in lists, by their own part in them and that of those they stand in for."""
    requests = ApprovalRequest.objects.all()
    if not viewer.is_active:
        return requests.none()
    if viewer.sees_all:
        return requests
    part = Q(requester=viewer.username) | Q(audience__in=viewer.audiences)
    for scope in viewer.others:
        put_to = Q(audience__in=scope.audiences)
        part |= put_to & Q(workflow__in=scope.workflows) if scope.workflows else put_to
    return requests.filter(part)


def may_comment(viewer: Viewer, request: ApprovalRequest) -> Answer:
    """Say whether the person may remark on the request: whoever is part of it, and admins."""
    seen = may_view(viewer, request)
    if not seen:
        return seen
    has_part = viewer.is_admin or in_audience(viewer, request) or viewer.is_called(request.requester)
    if viewer.is_auditor and not (has_part or _is_put_to_those_away(viewer, request)):
        return no("auditor", _("Auditors read and leave no remarks."))
    return yes("part", _("You are part of this request."))


def may_cancel(viewer: Viewer, request: ApprovalRequest) -> Answer:
    """Say whether the person may close the request without an answer: the requester or an admin."""
    if not viewer.is_active:
        return no("inactive", _("Your account is not active."))
    if not request.is_pending:
        return no("closed", CLOSED[RequestStatus(request.status)])
    if Decision.objects.filter(request=request).exists():
        return no("decided", _("A decision is recorded and on its way to the workflow."))
    if viewer.is_called(request.requester):
        return yes("withdrawn", _("You asked for this and may withdraw it."))
    if viewer.is_admin:
        return yes("cancelled", _("Admins may cancel a request."))
    return no("unrelated", _("Only the requester or an admin may close a request without an answer."))

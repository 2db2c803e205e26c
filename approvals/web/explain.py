"""Why somebody may or may not decide a request, check by check."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.models import AuditEvent, User, Vote
from approvals.policy import Viewer, checks, may_audit, may_explain
from approvals.policy import may_decide as may_decide_now
from approvals.web.access import get_request_for_viewer
from approvals.web.middleware import PortalRequest
from approvals.web.policy import PolicyShown

PAGE = "approvals/request/explain.html"


@require_safe
@never_cache
def explain(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Show the checks for oneself; auditors and admins may ask for anybody with ``?user=``."""
    item = get_request_for_viewer(request, approval_id)
    wanted = request.GET.get("user", "").replace("\0", "").strip() or request.viewer.username
    allowed = may_explain(request.viewer, wanted)
    if not allowed:
        AuditEvent.objects.record(
            request.viewer.actor, "request.explain_refused", item, allowed.reason, why=allowed.code
        )
        raise PermissionDenied(allowed.reason)
    may_ask = bool(may_audit(request.viewer))
    votes = Vote.objects.filter(request=item).select_related("voter", "for_person")
    context = {"item": item, "wanted": wanted, "may_ask": may_ask, "policy": PolicyShown.of(item, votes)}
    person = User.objects.filter(username__iexact=wanted).first()
    if person is None:
        context["unknown"] = _("Nobody here is called {username}. Write a username.").format(username=wanted)
        return render(request, PAGE, context, status=HTTPStatus.NOT_FOUND)
    about = Viewer.of(person)
    context |= {"about": about, "checks": list(checks(about, item)), "may_decide": may_decide_now(about, item)}
    return render(request, PAGE, context)

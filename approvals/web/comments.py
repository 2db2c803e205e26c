"""Remark on a request."""

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from approvals.actions.comment import comment
from approvals.actions.errors import Invalid, Refused
from approvals.models import ApprovalRequest
from approvals.web.access import get_request_for_viewer, posted
from approvals.web.errors import bad_form, forbidden
from approvals.web.middleware import PortalRequest
from approvals.web.requests import discussion_of, show


@posted
@never_cache
def add_comment(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Store a remark or an answer to one; htmx gets the conversation alone, so that a half-typed reason stays."""
    item = get_request_for_viewer(request, approval_id)
    body, parent = request.POST.get("body", ""), request.POST.get("parent", "")
    if parent and not parent.isdecimal():
        return bad_form(request, "The comment that you answer is not on this request.")
    try:
        remark = comment(request.viewer, item, body, int(parent) if parent else None)
    except Invalid as fault:
        return _again(request, item, {"comment_error": str(fault), "typed_body": body, "typed_parent": parent})
    except Refused as fault:
        return forbidden(request, fault.answer.reason)
    if request.htmx:
        context = {**discussion_of(request.viewer, item), "said": "Your comment was added."}
        return render(request, "approvals/request/discussion.html", context)
    return redirect(f"{reverse('request', args=[approval_id])}#comment-{remark.pk}")


def _again(request: PortalRequest, item: ApprovalRequest, said: dict[str, str]) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if request.htmx:
        context = {**discussion_of(request.viewer, item), **said}
        return render(request, "approvals/request/discussion.html", context, status=status)
    return show(request, item, status, **said)

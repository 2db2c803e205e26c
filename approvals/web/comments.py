"""Remark on a request, change a remark, see it before it is sent, and find people to name."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.actions.comment import Upload, checked, comment, named_people
from approvals.actions.edit_comment import edit_comment
from approvals.actions.errors import Invalid, Refused
from approvals.models import ApprovalRequest, Comment
from approvals.models.names import beginning_with
from approvals.models.text import clean, one_line
from approvals.policy import may_comment, who_may_view
from approvals.web import uploads
from approvals.web.access import get_request_for_viewer, posted
from approvals.web.errors import bad_form, forbidden
from approvals.web.markup import rendered
from approvals.web.middleware import PortalRequest
from approvals.web.requests import HEARD, discussion_of, history_beside, show
from approvals.web.threads import fresh_of

MOST_PEOPLE = 8
LONGEST_NAME = 60
FILES_AGAIN = gettext_lazy("Choose the files again, too: a browser does not keep them.")


@posted
@never_cache
def add_comment(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Store a remark or an answer to one; htmx gets what is new alone, so that nothing else half-typed is lost."""
    item = get_request_for_viewer(request, approval_id)
    body, parent = request.POST.get("body", ""), request.POST.get("parent", "")
    if parent and not parent.isdecimal():
        return bad_form(request, _("The comment that you answer is not on this request."))
    try:
        remark = comment(request.viewer, item, body, int(parent) if parent else None, files_of(request))
    except Invalid as fault:
        said = f"{fault} {FILES_AGAIN}" if request.FILES and not request.htmx else str(fault)
        typed = {"comment_error": said, "typed_body": body, "typed_parent": parent}
        return _again(request, item, parent or "0", str(fault), typed)
    except Refused as fault:
        return forbidden(request, fault.answer.reason)
    if request.htmx:
        return _added(request, item, remark, parent)
    return redirect(f"{reverse('request', args=[approval_id])}#comment-{remark.pk}")


def files_of(request: PortalRequest) -> list[Upload]:
    """Return the files that came along, checked by their content. Raises Invalid."""
    for _field, name in request.__dict__.get("oversized", []):
        raise Invalid("files", uploads.too_large(name))
    return [(file, uploads.check(file)) for file in request.FILES.getlist("files")]


def _added(request: PortalRequest, item: ApprovalRequest, remark: Comment, parent: str) -> HttpResponse:
    discussion, heard = discussion_of(request.viewer, item), request.POST.get("heard", "")
    known = int(heard) if HEARD.fullmatch(heard) else remark.pk - 1
    more = {"fresh": fresh_of(discussion["remarks"], known), "said": _("Your comment was added.")}
    context = {**discussion, **more, "parent": parent, "number": parent or "0"}
    context |= history_beside(request.viewer, item)
    return render(request, "approvals/request/comment_added.html", context)


@posted
@never_cache
def edit(request: PortalRequest, approval_id: str, comment_id: int) -> HttpResponse:
    """Change a remark of one's own; htmx gets the remark alone."""
    item = get_request_for_viewer(request, approval_id)
    remark = item.comments.select_related("request").filter(pk=comment_id).first()
    if remark is None:
        raise Http404
    body = request.POST.get("body", "")
    try:
        edit_comment(request.viewer, remark, body)
    except (Invalid, Refused) as fault:
        typed = {"edit_error": str(fault), "edited_pk": remark.pk, "edited_body": body}
        return _again(request, item, f"e{remark.pk}", str(fault), typed)
    if request.htmx:
        discussion = discussion_of(request.viewer, item)
        shown = next(one for one in discussion["remarks"] if one.comment.pk == remark.pk)
        context = {**discussion, "remark": shown, "said": _("Your comment was changed.")}
        context |= history_beside(request.viewer, item)
        return render(request, "approvals/request/comment_edited.html", context)
    return redirect(f"{reverse('request', args=[approval_id])}#comment-{remark.pk}")


def _again(
    request: PortalRequest, item: ApprovalRequest, number: str, problem: str, typed: dict[str, Any]
) -> HttpResponse:
    """Say what is wrong. In an open page only the sentence is put below the field: text and files stay as they are."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if not request.htmx:
        return show(request, item, status, **typed)
    answer = render(request, "approvals/request/comment_problem.html", {"problem": problem}, status=status)
    answer.headers["HX-Retarget"] = f"#comment-problem-{number}"
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer


@posted
@never_cache
def preview(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Show a text as it would look, or what stands against it. Nothing is stored."""
    item = get_request_for_viewer(request, approval_id)
    context: dict[str, Any] = {}
    if body := request.POST.get("body", "").strip():
        try:
            text = checked(request.viewer, item, body)
            names = {person.username: person.get_full_name() for person in named_people(item, text)}
            context = {"html": rendered(text, names)}
        except Invalid as fault:
            context = {"problem": str(fault)}
        except Refused as fault:
            return forbidden(request, fault.answer.reason)
    return render(request, "approvals/request/comment_preview.html", context)


@require_safe
@never_cache
def people(request: PortalRequest, approval_id: str) -> HttpResponse:
    """List those who can be named in a comment, by the beginning of any of their names."""
    item = get_request_for_viewer(request, approval_id)
    if not may_comment(request.viewer, item):
        raise Http404
    begun = one_line(clean(request.GET.get("q", "")))[:LONGEST_NAME]
    others = who_may_view(item).exclude(pk=request.viewer.user.pk)
    listed = list(beginning_with(others, begun)[:MOST_PEOPLE])
    number = request.GET.get("list", "")
    context = {"people": listed, "number": number if number.isalnum() else "0"}
    return render(request, "approvals/request/people_list.html", context)

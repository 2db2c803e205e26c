"""A person's own submissions: the list, one of them as it goes on, withdrawing it, starting again."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from approvals.actions.close import close_request, withdraw_unsent
from approvals.actions.draft import discard_draft
from approvals.actions.errors import ActionError, Invalid
from approvals.actions.start_again import start_again
from approvals.models import AuditEvent, Submission
from approvals.models.pages import Page, cut
from approvals.policy import (
    Viewer,
    may_audit,
    may_cancel,
    may_copy,
    may_decide,
    may_view_submission,
    may_withdraw,
)
from approvals.web.details import File, Outline
from approvals.web.forms import Sheet, offered, sheet_of
from approvals.web.middleware import PortalRequest
from approvals.web.receiving import forms_guarded
from approvals.web.submit import own_submission
from approvals.web.waiting import waiting_for
from approvals.web.whereabouts import Whereabouts, hash_of, whereabouts

PAGE = 25
MOST_DRAFTS = 20


@require_safe
@never_cache
def submissions(request: PortalRequest) -> HttpResponse:
    """List the person's submissions, newest first; drafts stand above them on the first page."""
    mine = Submission.objects.filter(requester=request.viewer.user).select_related("requester")
    drafts = mine.filter(state=Submission.State.DRAFT).order_by("-created_at", "-id")
    after = request.GET.get("after", "")
    page = page_of(mine.exclude(state=Submission.State.DRAFT), after)
    context = {
        "drafts": [] if after else list(drafts[:MOST_DRAFTS]),
        "places": whereabouts(page.rows),
        "more": page.rows[-1].ref if page.more else "",
        "is_first": not after,
    }
    return render(request, "approvals/submissions/list.html", context)


def page_of(rows: Any, after: str = "", size: int = PAGE) -> Page[Submission]:
    """Return one page, newest first, from just behind the submission called ``after`` on. Raises Http404."""
    if after:
        last = rows.filter(ref=after).first()
        if last is None:
            raise Http404
        older = Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.pk)
        rows = rows.filter(older, created_at__lte=last.created_at)
    return cut(list(rows.order_by("-created_at", "-id")[: size + 1]), size)


@require_safe
@never_cache
def submission(request: PortalRequest, ref: str) -> HttpResponse:
    """Show a submission: what was sent, and where it is."""
    found = visible_submission(request, ref)
    if found.state == Submission.State.DRAFT:
        return redirect("edit_draft", found.ref)
    context = {**live_context(request.viewer, found), "content": content_of(found)}
    return render(request, "approvals/submissions/page.html", context)


@require_safe
@never_cache
def submission_live(request: PortalRequest, ref: str) -> HttpResponse:
    """Send the part of the page that goes on by itself, or nothing while it stands where it stood."""
    context = live_context(request.viewer, visible_submission(request, ref))
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "approvals/submissions/live.html", context)


@require_POST
@forms_guarded
def withdraw(request: PortalRequest, ref: str) -> HttpResponse:
    """Withdraw a submission, as far as it has come: unsent, or by closing the request that waits."""
    found = own_submission(request, ref)
    try:
        messages.success(request, take_back(request.viewer, found, request.POST.get("reason", "")))
    except ActionError as fault:
        messages.error(request, str(fault))
    return redirect("submission", found.ref)


def take_back(viewer: Viewer, found: Submission, reason: str) -> str:
    """Do it and say what happens next. Raises Refused or Invalid."""
    unsent = may_withdraw(viewer, found)
    place = whereabouts([found])[0]
    if not unsent and place.waiting:
        close_request(viewer, place.waiting.approval_id, reason)
        return _("Withdrawn. The workflow is told now, and ends without an answer.")
    if not unsent and not place.is_open:
        over = gettext_lazy("There is nothing to withdraw any more. {ref} has ended: {state}.")
        raise Invalid("ref", over, ref=found.ref, state=place.state_label)
    withdraw_unsent(viewer, found)
    return _("{ref} is withdrawn. Nothing was started.").format(ref=found.ref)


@require_POST
@forms_guarded
def discard(request: PortalRequest, ref: str) -> HttpResponse:
    """Throw a draft away."""
    draft = own_submission(request, ref)
    discard_draft(request.viewer, draft)
    messages.success(request, _("Draft {ref} is thrown away.").format(ref=draft.ref))
    return redirect("submissions")


@require_POST
@forms_guarded
def copy(request: PortalRequest, ref: str) -> HttpResponse:
    """Begin a new draft with the same content."""
    begun = start_again(request.viewer, own_submission(request, ref))
    if begun.state == Submission.State.DRAFT:
        sentence = _("This is a new draft, with the content of {ref}. Change what has to change.")
        messages.info(request, sentence.format(ref=ref))
        return redirect("edit_draft", begun.ref)
    messages.info(request, _("You started again from {ref} before: this is what became of it.").format(ref=ref))
    return redirect("submission", begun.ref)


def visible_submission(request: PortalRequest, ref: str) -> Submission:
    """Return the submission that the person may see. Raises Http404 otherwise, which does not say that it exists."""
    found = Submission.objects.select_related("requester").filter(ref=ref).first()
    if found is None:
        raise Http404
    allowed = may_view_submission(request.viewer, found)
    if not allowed:
        AuditEvent.objects.record(
            request.viewer.actor, "submission.view_refused", found, allowed.reason, why=allowed.code
        )
        raise Http404
    return found


def live_context(viewer: Viewer, found: Submission) -> dict[str, Any]:
    """Return what the live part of the page shows."""
    place = whereabouts([found])[0]
    place.in_full = bool(may_audit(viewer))
    waiting = waiting_for(viewer, place.waiting)
    copies = [kind for kind in offered() if kind.workflow == found.workflow]
    return {
        "submission": found,
        "place": place,
        "waiting": waiting,
        "seen": hash_of(f"{place.digest} {waiting.digest}") if waiting else place.digest,
        "names": place.names,
        "withdrawal": withdrawal(viewer, place),
        "may_copy": bool(copies and place.may_start_again and may_copy(viewer, found)),
        "is_my_turn": bool(place.waiting and may_decide(viewer, place.waiting)),
        "is_mine": found.requester_id == viewer.user.pk,
    }


def withdrawal(viewer: Viewer, place: Whereabouts) -> str:
    """Return how the person can withdraw it: ``unsent``, ``request``, ``soon`` or ``later`` (not now), or nothing."""
    if not place.is_open or place.submission.requester_id != viewer.user.pk:
        return ""
    if may_withdraw(viewer, place.submission):
        return "unsent"
    if place.waiting:
        return "request" if may_cancel(viewer, place.waiting) else ""
    return "soon" if place.run else "later"


def content_of(found: Submission) -> Any:
    """Return what was submitted as a tree to draw; files by reference."""
    files = [
        File(str(file.id), file.name, file.content_type, file.size, is_stored=True) for file in found.attachments.all()
    ]
    kind = sheet_of(found.workflow) or Sheet
    return Outline(found.currency, files).of(kind.shown(found.form_data))

"""Filling in a form: new, from a draft, and sending it."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from approvals.actions.attach import detach
from approvals.actions.errors import Refused
from approvals.actions.submit import submit as submit_form_data
from approvals.models import AuditEvent, Submission
from approvals.policy import may_edit
from approvals.web.duplicates import Doubts, doubts_about, likeness_told
from approvals.web.forms import Sheet, offered, sheet_of
from approvals.web.middleware import PortalRequest
from approvals.web.receiving import Desk, Tampered, forms_guarded, token_of


@require_safe
def choose(request: PortalRequest) -> HttpResponse:
    """Offer the workflows; where there is only one, go straight to its form."""
    sheets = offered()
    if len(sheets) == 1:
        return redirect("submit_form", sheets[0].workflow)
    return render(request, "approvals/submit/choose.html", {"sheets": sheets})


@never_cache
@forms_guarded
def submit_form(request: PortalRequest, workflow: str) -> HttpResponse:
    """Show an empty form, or take one that was filled in."""
    kind = offered_sheet(workflow)
    if request.method == "POST":
        return take(request, kind)
    return show(request, kind(request.viewer, {}), uuid4())


@never_cache
@forms_guarded
def edit_draft(request: PortalRequest, ref: str) -> HttpResponse:
    """Show a draft as it was left, or take it filled in further."""
    draft = own_submission(request, ref)
    kind = offered_sheet(draft.workflow)
    if not may_edit(request.viewer, draft):
        return redirect("submission", draft.ref)
    if request.method == "POST":
        return take(request, kind, draft)
    return show(request, kind(request.viewer, draft.form_data, draft.attachments.all()), draft.token, draft)


@require_POST
@forms_guarded
def upload(request: PortalRequest, workflow: str) -> HttpResponse:
    """Take files as soon as they are chosen, and send back the list of receipts of their line."""
    desk = Desk(request, offered_sheet(workflow), token_of(request))
    if desk.is_done:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    desk.receive()
    slot = desk.sheet.slot_of(request.GET.get("field", ""))
    if slot is None:
        raise Http404
    return render(request, "approvals/submit/receipts.html", {"line": desk.sheet.place(slot), "sheet": desk.sheet})


def take(request: PortalRequest, kind: type[Sheet], draft: Submission | None = None) -> HttpResponse:
    """Do what the button asks for with the form as sent. Nothing that was typed or uploaded is lost on the way."""
    token = token_of(request)
    if draft is not None and draft.token != token:
        raise Tampered(gettext_lazy("It carries the mark of another draft."))
    desk = Desk(request, kind, token)
    if desk.is_done and desk.submission:
        return again(request, desk, desk.submission)
    try:
        return act(request, desk)
    except Refused as refusal:
        if refusal.answer.code == "submitted" and (done := Submission.objects.filter(token=token).first()):
            return again(request, desk, done)
        raise


def again(request: PortalRequest, desk: Desk, done: Submission) -> HttpResponse:
    """Lead to what became of a form that was sent twice; say so when it came with other content the second time."""
    desk.submission = done
    if not desk.is_same():
        sentence = _(
            "{ref} was submitted before, as you see it here. What you changed after that was not sent. "
            "To file another one, choose New request."
        )
        messages.warning(request, sentence.format(ref=done.ref))
    return redirect("submission", done.ref)


def act(request: PortalRequest, desk: Desk) -> HttpResponse:
    """Store the files that came along, then do what the button asks for."""
    action = request.POST.get("action", "save")
    if action not in {"save", "submit"} and not desk.takes(action):
        raise Tampered(gettext_lazy("It carries a button that the form does not have."))
    desk.receive()
    if desk.sheet.act(action):
        return show(request, desk.sheet, desk.token, desk.submission)
    return send(request, desk) if action == "submit" else save(request, desk)


def send(request: PortalRequest, desk: Desk) -> HttpResponse:
    """Submit the form if it is right; otherwise show what is wrong, and keep what was uploaded."""
    if not desk.sheet.check():
        return show(request, desk.sheet, desk.token, desk.submission, status=422)
    doubts = doubts_about(request.viewer, desk.sheet, desk.token)
    if doubts and request.POST.get("confirmed") != doubts.digest:
        return show(request, desk.sheet, desk.token, desk.submission, status=422, doubts=doubts)
    drop_unnamed(request, desk)
    confirmed = likeness_told(doubts)
    done = submit_form_data(
        request.viewer, desk.sheet.filled(), token=desk.token, form_data=desk.sheet.typed, confirmed=confirmed
    )
    messages.success(request, _("{ref} is submitted. You see here how it goes on.").format(ref=done.ref))
    return redirect("submission", done.ref)


def save(request: PortalRequest, desk: Desk) -> HttpResponse:
    """Keep the form as a draft, whatever is in it."""
    draft = desk.keep()
    drop_unnamed(request, desk)
    if desk.has_faults:
        return show(request, desk.sheet, desk.token, draft, status=422)
    messages.success(request, _("Saved as draft {ref}.").format(ref=draft.ref))
    return redirect("edit_draft", draft.ref)


def drop_unnamed(request: PortalRequest, desk: Desk) -> None:
    """Take files off the draft that its form no longer names."""
    if desk.submission:
        for file in desk.submission.attachments.exclude(pk__in=desk.sheet.referenced()):
            detach(request.viewer, file)


def show(
    request: PortalRequest,
    sheet: Sheet,
    token: UUID,
    draft: Submission | None = None,
    *,
    status: int = 200,
    doubts: Doubts | None = None,
) -> HttpResponse:
    """Render the form."""
    context: dict[str, Any] = {"sheet": sheet, "form": sheet.form, "token": token, "draft": draft, "doubts": doubts}
    return render(request, sheet.template, context, status=status)


def offered_sheet(workflow: str) -> type[Sheet]:
    """Return the form of a workflow that this portal can start. Raises Http404."""
    kind = sheet_of(workflow)
    if kind not in offered() or kind is None:
        raise Http404
    return kind


def own_submission(request: PortalRequest, ref: str) -> Submission:
    """Return the person's own submission. Raises Http404 for anybody else's, on the record."""
    found = Submission.objects.select_related("requester").filter(ref=ref).first()
    if found is None:
        raise Http404
    if found.requester_id != request.viewer.user.pk:
        AuditEvent.objects.record(request.viewer.actor, "submission.edit_refused", found, "somebody else's")
        raise Http404
    return found

"""Answer many at once: choose rows, look at what will be answered and what cannot be, then answer."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.actions.bulk import MOST, Picked, decide_many, go_of
from approvals.actions.decide import LONGEST_COMMENT, needs_response
from approvals.models import ApprovalRequest, AuditEvent
from approvals.models.sentence import Sentence, grouped, translated
from approvals.models.text import clean
from approvals.policy import Viewer, may_decide, may_view
from approvals.web.deputies import mark_rows
from approvals.web.errors import bad_form
from approvals.web.formats import locale_of
from approvals.web.middleware import PortalRequest
from approvals.web.names import names_of
from approvals.web.queue_view import View
from approvals.web.saved_views import to_queue
from approvals.web.terms import outcome_label
from approvals.web.totals import DONE, TO_DO, Totals, left_for

SALT = "countersign.bulk"
VERBS = {
    "approved": ngettext_lazy("Approve {count} request", "Approve {count} requests", "count"),
    "rejected": ngettext_lazy("Reject {count} request", "Reject {count} requests", "count"),
}
QUESTIONS = {
    "approved": ngettext_lazy("Approve {count} request?", "Approve {count} requests?", "count"),
    "rejected": ngettext_lazy("Reject {count} request?", "Reject {count} requests?", "count"),
}
# Tone and icon of each answer.
LOOKS = {"approved": ("good", "check"), "rejected": ("bad", "cross")}
ID = re.compile(r"[0-9]{1,18}")
OTHER_ANSWERS = gettext_lazy("It takes other answers; open it to see them.")
BY_FORM = gettext_lazy("It is answered by a form; open it to fill that in.")


@dataclass(frozen=True)
class Line:
    """One request of the preview; ``why`` says why it cannot be answered here."""

    request: ApprovalRequest
    why: str = ""


def posted(view: Callable[[PortalRequest], HttpResponse]) -> Callable[[PortalRequest], HttpResponse]:
    """Send anybody who merely opens the address (after signing in anew, say) to the queue: only POST acts."""

    @wraps(view)
    def guarded(request: PortalRequest) -> HttpResponse:
        return view(request) if request.method == "POST" else redirect("queue")

    return guarded


@require_safe
@never_cache
def preview(request: PortalRequest) -> HttpResponse:
    """Show what would be answered. Nothing is answered yet, and the form holds the versions that are shown.

    It has an address, so that the way back from the result leads here without sending anything again.
    """
    if not request.GET:
        return redirect("queue")
    choice = request.GET.get("choice", "")
    if choice not in LOOKS:
        return bad_form(request, _("It asks for an answer that cannot be given to many at once."))
    view = View.read(request.GET.get("query", ""), request.viewer)
    ids, is_cut = picked_ids(request, view)
    if not ids:
        messages.info(request, _("Choose at least one request first."))
        return to_queue(view.here)
    lines = lines_of(request.viewer, ids, choice)
    return show(request, view, choice, lines, is_cut=is_cut)


def picked_ids(request: PortalRequest, view: View) -> tuple[list[int], bool]:
    """Return the chosen ids in the order of the queue, at most ``MOST``, and whether there were more."""
    if request.GET.get("all"):
        ids = view.pile.ids(None, MOST + 1)
    else:
        ids = list(dict.fromkeys(int(one) for one in request.GET.getlist("pick") if ID.fullmatch(one)))
    return ids[:MOST], len(ids) > MOST


def lines_of(viewer: Viewer, ids: list[int], choice: str) -> list[Line]:
    """Return the requests that the person may see, each with the reason where it cannot be answered so."""
    found = ApprovalRequest.objects.for_bulk().in_bulk(ids)
    seen = [found[pk] for pk in ids if pk in found and may_view(viewer, found[pk])]
    return [Line(one, why_not(viewer, one, choice)) for one in seen]


def why_not(viewer: Viewer, item: ApprovalRequest, choice: str) -> str:
    """Return why the person cannot give this answer here; empty where they can."""
    allowed = may_decide(viewer, item)
    if not allowed:
        return allowed.reason
    if choice not in item.options or (choice == "approved") != (choice == item.yes):
        return str(OTHER_ANSWERS)
    return str(BY_FORM) if needs_response(item, choice) else ""


def show(request: PortalRequest, view: View, choice: str, lines: list[Line], **more: Any) -> HttpResponse:
    """Render the preview."""
    able = [line.request for line in lines if not line.why]
    mark_rows(request.viewer, able)
    left = left_for(choice, able)
    for row in able:
        row.left = left.get(row.pk)  # type: ignore[attr-defined]
    totals = Totals.of(able, left)
    sealed = {
        "by": request.viewer.username,
        "go": uuid.uuid4().hex,
        "choice": choice,
        "items": [[one.approval_id, one.version, one.content_digest] for one in able],
    }
    context = {
        "view": view,
        "choice": choice,
        "question": Sentence(QUESTIONS[choice], count=len(able)) if able else _("None of these can be answered here"),
        "verb": Sentence(VERBS[choice], count=len(able)),
        "able": able,
        "totals": totals,
        "total": totals.said(TO_DO[choice], locale_of(request)),
        "unable": [line for line in lines if line.why],
        "most": MOST,
        "names": names_of(one.requester for one in able),
        "sealed": signing.dumps(sealed, salt=SALT, compress=True),
        **more,
    }
    return render(request, "approvals/bulk/preview.html", context, status=422 if more.get("error") else 200)


@posted
@never_cache
def decide(request: PortalRequest) -> HttpResponse:
    """Answer what was shown, as it was shown."""
    view = View.read(request.POST.get("query", ""), request.viewer)
    try:
        sealed = signing.loads(request.POST.get("sealed", ""), salt=SALT)
    except signing.BadSignature:
        return tampered(request, Sentence(gettext_lazy("The list was changed on its way.")))
    if sealed["by"] != request.viewer.username:
        return tampered(request, Sentence(gettext_lazy("The list belongs to another person.")))
    choice, picked = sealed["choice"], [Picked(*one) for one in sealed["items"]]
    reason = clean(request.POST.get("comment", "")).strip()
    error = fault_of(choice, reason)
    if error:
        names = [one.approval_id for one in picked]
        ids = list(ApprovalRequest.objects.filter(approval_id__in=names).values_list("id", flat=True))
        return show(request, view, choice, lines_of(request.viewer, ids, choice), error=error, reason=reason)
    decide_many(request.viewer, sealed["go"], picked, choice, reason)
    answer = redirect("bulk_result", sealed["go"])
    answer.headers["Location"] += f"?{view.address()}"
    return answer


def fault_of(choice: str, reason: str) -> str:
    """Say what is wrong with the reason; empty where nothing is."""
    if choice != "approved" and not reason:
        return _("Say why, so that the requesters know what to do next.")
    if len(reason) > LONGEST_COMMENT:
        return _("Keep the reason under {most} characters.").format(most=grouped(LONGEST_COMMENT))
    return ""


def tampered(request: PortalRequest, why: Sentence) -> HttpResponse:
    """Put a list that came back changed on the record."""
    AuditEvent.objects.record(request.viewer.actor, "bulk.form_tampered", "page:queue", why)
    return bad_form(request, why)


@require_safe
@never_cache
def result(request: PortalRequest, go: str) -> HttpResponse:
    """Show what became of each."""
    done = go_of(request.viewer, go)
    if done is None:
        raise Http404
    names = [one.approval_id for one in done.outcomes]
    found = {one.approval_id: one for one in ApprovalRequest.objects.for_list().filter(approval_id__in=names)}
    told = [replace(one, why=translated(one.why)) for one in done.outcomes]
    lines = [(one, found[one.approval_id]) for one in told if one.approval_id in found]
    answered = [line for line in lines if line[0].state != "refused"]
    rows = [one for _outcome, one in answered]
    totals = Totals.of(rows, left_for(done.choice, rows))
    context = {
        "view": View.asked_by(request.GET, request.viewer),
        "asked": len(done.outcomes),
        "done": answered,
        "totals": totals,
        "total": totals.said(DONE[done.choice], locale_of(request)),
        "refused": [line for line in lines if line[0].state == "refused"],
        "said": outcome_label(done.choice),
        "look": LOOKS[done.choice],
    }
    return render(request, "approvals/bulk/result.html", context)

"""The page of one request: what is asked, who may decide and why, what was said and done."""

import re
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.actions.comment import MOST_FILES
from approvals.models import ApprovalRequest, Occasion, ReadMark, Run, Submission, Topic, Vote
from approvals.models.pages import Order
from approvals.policy import Standing, Viewer, may_cancel, may_comment, may_copy, may_decide, may_view_run
from approvals.policy.answerable import noticed_as, why_nobody_can
from approvals.policy.remedy import remedy_of
from approvals.web.access import get_request_for_viewer
from approvals.web.answers import answering
from approvals.web.approved import allowed_in_words, cut_of, lowered_by
from approvals.web.claims import claim_on
from approvals.web.consequences import consequences_of
from approvals.web.deputies import acting_on
from approvals.web.details import File, Outline
from approvals.web.duplicates import warned_of
from approvals.web.files import files_named_by
from approvals.web.forms import currency_of
from approvals.web.handover import handing
from approvals.web.history import history_of, people_in
from approvals.web.middleware import PortalRequest
from approvals.web.names import names_of
from approvals.web.piles import pile_of, place_in
from approvals.web.policy import PolicyShown
from approvals.web.receipt import Receipt
from approvals.web.responses import answer_in
from approvals.web.snapshot import seal
from approvals.web.terms import Terms, options_of, outcome_words
from approvals.web.threads import changed_of, edits_in, fresh_of, threads_of
from approvals.web.uploads import ACCEPTED
from approvals.web.waiting import waiting_for

PAGE = "approvals/request/page.html"
# What the box of the answer is called, by the kind of the request.
ASKING = {"revision": gettext_lazy("Your new version"), "question": gettext_lazy("Your answer")}
# The id of a comment, as a page sends it back.
HEARD = re.compile(r"[0-9]{1,18}")


@require_safe
@never_cache
def request_page(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Show a request."""
    item = get_request_for_viewer(request, approval_id)
    ReadMark.objects.leave(request.viewer.user, item)
    return show(request, item)


def show(request: PortalRequest, item: ApprovalRequest, status: int = 200, **more: Any) -> HttpResponse:
    """Render the page of a request that the person may see, with what an action wants said besides."""
    place = place_in(request.viewer, pile_of(request), item)
    return render(request, PAGE, {**page_of(request.viewer, item), "place": place, **more}, status=status)


def page_of(viewer: Viewer, item: ApprovalRequest) -> dict[str, Any]:
    """Return what the page shows."""
    receipt = Receipt.of(item)
    votes = list(Vote.objects.filter(request=item).select_related("voter", "for_person"))
    decidable = may_decide(viewer, item)
    history = history_of(item, viewer, receipt.delivery.key if receipt and receipt.delivery else "")
    terms, files = Terms.now(item), files_named_by(item.attachments)
    return {
        "item": item,
        "outline": outline_of(item, files),
        "files": files,
        "terms": terms,
        "votes": votes,
        "policy": PolicyShown.of(item, votes),
        **claim_on(viewer, item),
        **handing(viewer, item),
        "may_decide": decidable,
        **(acting_on(viewer, item) if decidable else {}),
        "may_cancel": may_cancel(viewer, item),
        "options": options_of(item),
        "asking": ASKING.get(item.kind) or _("Your decision"),
        **(answering(item) if decidable else {}),
        "consequences": consequences_of(item) if decidable else None,
        "shown": seal(viewer, item) if decidable else "",
        "history": history,
        **amounts_of(item, votes),
        "receipt": receipt,
        "waiting": None if decidable or receipt else waiting_for(viewer, item),
        "next_waiting": next_waiting(viewer, item) if receipt or not decidable else None,
        "names": names_of(usernames_on(item, terms, people_in(history))),
        "again": again_of(viewer, item),
        "warned": warned_of(viewer, item),
        "unanswerable": (why := "" if decidable else unanswerable(item, votes)),
        "remedy": remedy_of(item) if why else "",
        "answered": answer_in(item),
        **run_of(viewer, item),
        **discussion_of(viewer, item),
    }


def amounts_of(item: ApprovalRequest, votes: list[Vote]) -> dict[str, Any]:
    """Return the lower amount that the answers so far leave, and the one of the outcome with whose answer it was."""
    said = item.decision or {}
    return {
        "cut": cut_of(item, votes),
        "allowed": allowed_in_words(item, said.get("response")),
        "lowered_by": lowered_by(item, said.get("response"), str(said.get("decided_by") or "")),
    }


def unanswerable(item: ApprovalRequest, votes: list[Vote]) -> str:
    """Return why nobody can answer it, where the worker noticed so and it still holds."""
    if not item.is_pending or item.waits_for_id is not None:
        return ""
    noticed = Occasion.objects.filter(cause=f"{Topic.OFFICE.value}:{noticed_as(item)}").exists()
    return why_nobody_can(item, votes) if noticed else ""


def again_of(viewer: Viewer, item: ApprovalRequest) -> Submission | None:
    """Return what the person sent, when its run ended without an answer and they may start again from it."""
    if not item.orphaned:
        return None
    sent = Submission.objects.filter(run_name=item.run_name, requester=viewer.user).first()
    return sent if sent and may_copy(viewer, sent) else None


def outline_of(item: ApprovalRequest, files: list[File]) -> Any:
    """Return the details as a tree, without what the head of the page says already."""
    said = {item.title, item.summary}
    details = {key: value for key, value in item.details.items() if not (isinstance(value, str) and value in said)}
    return Outline(item.currency or currency_of(item.workflow), files).of(details)


def discussion_of(viewer: Viewer, item: ApprovalRequest) -> dict[str, Any]:
    """Return the comments, and whether the person may add one."""
    remarks = threads_of(item, viewer)
    authors = {remark.comment.author.username: str(remark.comment.author) for remark in remarks}
    return {
        "item": item,
        "remarks": remarks,
        "authors": authors,
        "may_comment": may_comment(viewer, item),
        "heard": max((remark.comment.pk for remark in remarks), default=0),
        "edits": edits_in(remarks),
        "most_files": MOST_FILES,
        "accepted": ACCEPTED,
    }


def history_beside(viewer: Viewer, item: ApprovalRequest) -> dict[str, Any]:
    """Return the history for an answer that shows it anew in an open page."""
    current = Receipt.of(item)
    history = history_of(item, viewer, current.delivery.key if current and current.delivery else "")
    return {"history": history, "names": names_of(people_in(history))}


def run_of(viewer: Viewer, item: ApprovalRequest) -> dict[str, Any]:
    """Return the run and its requests, this one among them."""
    run = Run.objects.filter(run_name=item.run_name).first()
    siblings = ApprovalRequest.objects.filter(run_name=item.run_name).order_by("created_at", "id")
    return {
        "run": run if run and may_view_run(viewer, run) else None,
        "siblings": list(siblings),
        "deciders": {str((one.decision or {}).get("decided_by") or "") for one in siblings},
    }


def next_waiting(viewer: Viewer, item: ApprovalRequest) -> ApprovalRequest | None:
    """Return the request with the nearest deadline that waits for the person besides this one."""
    waiting = ApprovalRequest.objects.open().not_barred_for(viewer.username)
    waiting = waiting.still_open(timezone.now()).exclude(pk=item.pk)
    page = waiting.page_of_audiences(viewer.audiences, Order.DEADLINE, size=1, others=viewer.others)
    return page.rows[0] if page.rows else None


def usernames_on(item: ApprovalRequest, terms: Terms, actors: list[str]) -> list[str]:
    """Return the usernames that the page shows."""
    decided_by = str((item.decision or {}).get("decided_by") or "")
    return [item.requester, decided_by, item.decided_for, *terms.users, *terms.excluded, *actors]


@require_safe
@never_cache
def live(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Say that the request changed, was answered, claimed or discussed since the page was opened; else nothing."""
    item = get_request_for_viewer(request, approval_id)
    is_decided = item.status != "pending" or Receipt.of(item) is not None
    if is_decided or request.GET.get("seen") != item.content_digest:
        return render(request, "approvals/request/news.html", {"item": item, "is_decided": is_decided})
    votes = list(Vote.objects.filter(request=item).select_related("voter", "for_person").order_by("pk"))
    seen = request.GET.get("votes", "")
    if HEARD.fullmatch(seen) and len(votes) > int(seen):
        return render(request, "approvals/request/news.html", {"item": item, "said": answered_words(item, votes)})
    claim = claim_on(request.viewer, item)
    held = claim["claim"]
    if request.GET.get("claim", "0") != str(held.pk if held else 0):
        told = {"item": item, "votes": votes, "may_decide": may_decide(request.viewer, item), **claim}
        return render(request, "approvals/request/claimed.html", told)
    discussion, heard = discussion_of(request.viewer, item) | {"votes": votes, **claim}, request.GET.get("heard", "")
    if not HEARD.fullmatch(heard):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    remarks, edits = discussion["remarks"], request.GET.get("edits", "")
    fresh = fresh_of(remarks, int(heard))
    changed = changed_of(remarks, int(heard), int(edits)) if HEARD.fullmatch(edits) else []
    if not fresh and not changed:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    others = dict.fromkeys(str(one.remark.comment.author) for one in fresh if one.remark.comment.author != request.user)
    who = _(" and ").join(others)
    said = _("{people} commented.").format(people=who) if who else ""
    told = {"fresh": fresh, "changed": changed, "fresh_from": who, "said": said}
    told |= history_beside(request.viewer, item)
    return render(request, "approvals/request/new_remarks.html", discussion | told)


def answered_words(item: ApprovalRequest, votes: list[Vote]) -> str:
    """Say who answered last, and how many more are needed where the request itself says how many."""
    told = {"person": votes[-1].who, "answer": outcome_words(votes[-1].choice)}
    left = Terms.of(item).required - len(votes) if Standing.of(item) is None else 0
    if left <= 0:
        return _("{person} has answered: {answer}. More answers are needed.").format(**told)
    said = ngettext(
        "{person} has answered: {answer}. {left} more is needed.",
        "{person} has answered: {answer}. {left} more are needed.",
        left,
    )
    return said.format(left=left, **told)


@require_safe
@never_cache
def receipt(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Send the receipt with the parts of the page that tell the same story, or nothing while there is no news."""
    item = get_request_for_viewer(request, approval_id)
    current = Receipt.of(item)
    if current is None or request.GET.get("seen") == current.digest:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    history = history_of(item, request.viewer, current.delivery.key if current.delivery else "")
    told = {
        "receipt": current,
        "history": history,
        "names": names_of(usernames_on(item, Terms.of(item), people_in(history))),
        "item": item,
        "again": again_of(request.viewer, item),
        **run_of(request.viewer, item),
    }
    return render(request, "approvals/request/receipt_news.html", told)

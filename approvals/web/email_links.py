"""Links of e-mails. One opens a page, and that is all that it can do: deciding takes a sign-in and the page's own form.

A link names its recipient, the request and what the request said when the e-mail was written. Nothing is kept of it:
it is used up when the recipient has answered, and ends with the request, so looking at it changes nothing.
"""

from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.models import ApprovalRequest, Decision, User, Vote
from approvals.models.people import one_for_another
from approvals.policy import Viewer
from approvals.web.endings import state_of
from approvals.web.formats import exact, in_sentence
from approvals.web.middleware import PortalRequest
from approvals.web.names import names_of
from approvals.web.sign_in import SignInForm, demo_values
from approvals.web.terms import outcome_words

if TYPE_CHECKING:
    from collections.abc import Callable

SALT = "countersign.email-link"
# Enough of the content's digest to tell two versions apart; the signature keeps it honest.
DIGITS = 16


@dataclass(frozen=True)
class Link:
    """What a link names."""

    person: int
    approval_id: str
    digest: str


class Broken(ValueError):  # noqa: N818 (said of the link)
    """It was cut short or made up."""


def link_to(person: User, request: ApprovalRequest) -> str:
    """Return the path of a link by which this person comes to the request as it is now."""
    token = signing.dumps([person.pk, request.approval_id, request.content_digest[:DIGITS]], salt=SALT)
    return reverse("email_link", args=[token])


def read(token: str) -> Link:
    """Return what a link names. Raises Broken. There is no age: it ends with its request."""
    try:
        person, approval_id, digest = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise Broken from None
    return Link(person, approval_id, digest)


def _told_to_nobody(view: "Callable[..., HttpResponse]") -> "Callable[..., HttpResponse]":
    """Keep the link out of the headers by which browsers tell other pages where they come from."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> HttpResponse:
        answer = view(*args, **kwargs)
        # Not "no-referrer": browsers then hide the origin too, and the sign-in's form would be taken for a forgery.
        answer.headers["Referrer-Policy"] = "strict-origin"
        return answer

    return guarded


@login_not_required
@require_safe
@never_cache
@_told_to_nobody
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Lead a signed-in recipient to the request; anybody else to the sign-in, whatever the link says."""
    if not request.user.is_authenticated:
        context = {"form": SignInForm(request), "next": request.path, "here": request.path, "by_mail": True}
        return render(request, "approvals/pages/sign_in.html", {**context, **demo_values()})
    return _opened(request, token)  # type: ignore[arg-type] # the middleware has made it one


def _opened(request: PortalRequest, token: str) -> HttpResponse:
    try:
        link = read(token)
    except Broken:
        return _page(
            request, HTTPStatus.NOT_FOUND, _("This link is not whole"),
            _("Mail programs sometimes cut long links. Open the request from your notifications instead."),
        )  # fmt: skip
    if link.person != request.viewer.user.pk:
        return _page(
            request, HTTPStatus.FORBIDDEN, _("This link is somebody else's"),
            _(
                "You are signed in as {username}, and the e-mail was written to another person. "
                "If it was written to you, sign out and in again by that account. If it was passed on to you, "
                "open the request itself: it shows what you may do."
            ).format(username=request.viewer.username),
            link.approval_id,
        )  # fmt: skip
    item = ApprovalRequest.objects.filter(approval_id=link.approval_id).first()
    ended = _why_not(request.viewer, item, link) if item else None
    if ended is not None:
        return _page(request, *ended, link.approval_id)
    # Its top, not the form: on a phone that would leave out of sight what is asked, for how much and by whom.
    return redirect("request", link.approval_id)


def _why_not(viewer: Viewer, item: ApprovalRequest, link: Link) -> tuple[HTTPStatus, str, str] | None:
    """Return why the link leads no further, or None: used, ended, or written before the request changed."""
    vote = Vote.objects.filter(request=item, voter=viewer.user).first()
    if vote is not None:
        return (
            HTTPStatus.GONE, _("You have answered this"),
            _("You answered on {moment}, and the link is used up. The request's page shows what became of it.").format(
                moment=exact(vote.created_at)
            ),
        )  # fmt: skip
    if not item.is_pending:
        return HTTPStatus.GONE, _("This needs no answer any more"), _closed(item)
    decision = Decision.objects.filter(request=item).select_related("decided_by", "for_person").first()
    if decision is not None:
        first = _("{person} was first: {answer}. It is on its way.")
        said = first.format(person=decision.who, answer=outcome_words(decision.choice))
        return HTTPStatus.GONE, _("This needs no answer any more"), said
    if item.expires_at <= timezone.now():
        return HTTPStatus.GONE, _("The deadline has passed"), _("The workflow goes on without an answer.")
    if item.content_digest[:DIGITS] != link.digest:
        return (
            HTTPStatus.CONFLICT, _("The request has changed"),
            _("It is not any more what the e-mail told you. Look at what it says now, then answer."),
        )  # fmt: skip
    return None


def _closed(item: ApprovalRequest) -> str:
    """Say how the request ended, and by whom where it is known."""
    state, by = in_sentence(state_of(item)[1]), str((item.decision or {}).get("decided_by") or "")
    if not by:
        return _("The request is closed: {state}.").format(state=state)
    names = names_of([by, item.decided_for])
    person = one_for_another(names.get(by, by), names.get(item.decided_for, item.decided_for))
    return _("The request is closed: {state} by {person}.").format(state=state, person=person)


def _page(request: PortalRequest, status: HTTPStatus, title: str, text: str, approval_id: str = "") -> HttpResponse:
    context = {"title": title, "text": text, "approval_id": approval_id}
    return render(request, "approvals/pages/email_link.html", context, status=status)

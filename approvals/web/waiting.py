"""Whom a request waits for, since when and for how long as a rule; and the requester's reminder to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from approvals.actions.errors import ActionError
from approvals.actions.nudge import nudge
from approvals.models import ApprovalRequest, Nudge, Vote
from approvals.policy import Answer, Awaited, Standing, Viewer, awaited, may_nudge
from approvals.policy.answerable import blocked
from approvals.policy.remedy import remedy_of
from approvals.policy.talk import BETWEEN_NUDGES
from approvals.web.access import get_request_for_viewer, posted
from approvals.web.expected import Expected, expected_for
from approvals.web.middleware import PortalRequest
from approvals.web.terms import Terms

MOST_NAMES = 4


@dataclass(frozen=True)
class Waiting:
    """Who may answer, who has, and when an answer can be hoped for."""

    request: ApprovalRequest
    terms: Terms
    groups: list[str]
    """Those that are asked at the moment: of the step under way, or of the workflow."""
    people: list[Awaited]
    more: int
    votes: list[Vote]
    expected: Expected | None
    nudged: Nudge | None
    may_nudge: Answer
    blocked: str
    """Why nobody can answer it as things are, where admins were told; else empty."""
    remedy: str
    """What helps then, and what happens otherwise."""
    is_over: bool
    """Whether the policy takes no more answers."""

    @property
    def left(self) -> int:
        """How many more must agree."""
        return self.terms.required - len(self.votes)

    @property
    def next_nudge(self) -> datetime | None:
        """When the requester may remind them again."""
        return self.nudged.sent_at + BETWEEN_NUDGES if self.nudged else None

    @property
    def digest(self) -> str:
        """What would look different: votes, people and reminders."""
        people = ",".join(f"{one.person.username}-{one.deputy}" for one in self.people)
        reminded = f"{self.nudged.pk if self.nudged else ''}-{self.may_nudge.code}"
        return f"{len(self.votes)}-{people}-{self.more}-{reminded}-{self.blocked}-{self.is_over}"


def waiting_for(viewer: Viewer, request: ApprovalRequest | None) -> Waiting | None:
    """Return whom the request waits for; None where it waits for nobody any more."""
    if request is None or not request.is_pending or getattr(request, "recorded", None):
        return None
    people, more = awaited(request, MOST_NAMES)
    lacking, standing = blocked(request), Standing.of(request)
    return Waiting(
        request=request,
        terms=Terms.now(request),
        groups=groups_asked(request),
        people=people,
        more=more,
        votes=list(request.votes.select_related("voter", "for_person")),
        expected=expected_for(request),
        nudged=Nudge.objects.filter(request=request).order_by("-sent_at").first(),
        may_nudge=may_nudge(viewer, request, lacking=lacking),
        blocked=lacking,
        remedy=remedy_of(request) if lacking else "",
        is_over=bool(standing and standing.is_over(timezone.now())),
    )


def groups_asked(request: ApprovalRequest) -> list[str]:
    """Return the groups whose turn it is; none where it was put to one person alone."""
    standing = Standing.of(request)
    if standing is None:
        return Terms.of(request).groups
    return [] if standing.effective.places.alone else list(standing.step.groups)


@posted
def remind(request: PortalRequest, approval_id: str) -> HttpResponse:
    """Remind those whose turn it is, and go back to the page that asked for it."""
    item = get_request_for_viewer(request, approval_id)
    try:
        nudge(request.viewer, item.approval_id)
        messages.success(request, _("They are reminded."))
    except ActionError as fault:
        messages.error(request, str(fault))
    back: Any = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return redirect(back) if is_ours else redirect("request", item.approval_id)

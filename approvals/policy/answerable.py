"""Whether anybody is left who can answer a request: said in plain words where nobody is."""

from collections.abc import Sequence

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import ApprovalRequest, AudienceMember, Occasion, Topic, Vote
from approvals.policy.asked import people_asked
from approvals.policy.remedy import advice_for
from approvals.policy.standing import Standing

# So many people are looked at together; nearly always the first few are enough.
FEW = 10
# Of what was noticed, so many are looked at again: some can be answered meanwhile.
MOST_NOTICED = 50
UNANSWERABLE = ":unanswerable:"
# Whom workflows ask where a machine could not put something right.
OPERATORS = "operators"


def why_nobody_can(request: ApprovalRequest, votes: Sequence[Vote]) -> str:
    """Return why too few people are left to answer an open request, in a sentence; empty where there are enough.

    Asks about one person after the other until there are enough: for the worker, and for what it has noticed.
    """
    standing = Standing.of(request)
    if standing is not None:
        return standing.shortfall(list(votes))
    needed = request.required - sum(vote.choice == request.yes for vote in votes)
    able = _able(request, needed)
    if able >= needed:
        return ""
    if able == 0:
        return _(
            "Nobody can answer this request. It is put to {asked}; who asked for it, is excluded or has no active "
            "account may not answer, and nobody else is left."
        ).format(asked=request.asked or _("nobody"))
    return ngettext(
        "This request needs {needed} more answer, and only {able} of those it is put to may give one.",
        "This request needs {needed} more answers, and only {able} of those it is put to may give one.",
        needed,
    ).format(needed=needed, able=able)


def _able(request: ApprovalRequest, wanted: int) -> int:
    """How many people may decide the request, counting no further than ``wanted``."""
    found, reached = 0, 0
    while found < wanted:
        batch = people_asked(request, reached, FEW)
        found += len(batch.people)
        if batch.reached is None:
            break
        reached = batch.reached
    return found


def noticed_as(request: ApprovalRequest, step: int = 0) -> str:
    """Name the occasion on which admins are told of it: once for each step of a request."""
    return f"{request.approval_id}{UNANSWERABLE}{step}"


def blocked(request: ApprovalRequest) -> str:
    """Return why too few people are left to answer an open request, where admins were told of it and it still holds."""
    if not request.is_pending:
        return ""
    standing = Standing.of(request)
    cause = noticed_as(request, standing.effective.step if standing else 0)
    noticed = Occasion.objects.filter(cause=f"{Topic.OFFICE.value}:{cause}").exists()
    return why_nobody_can(request, list(request.votes.select_related("voter", "for_person"))) if noticed else ""


def was_noticed() -> Exists:
    """Return whether admins were told that nobody can answer a request, as a condition on its row."""
    step = Cast(Coalesce(OuterRef("effective__step"), Value(0)), CharField())
    begins = Value(f"{Topic.OFFICE.value}:")
    cause = Concat(begins, OuterRef("approval_id"), Value(UNANSWERABLE), step, output_field=CharField())
    return Exists(Occasion.objects.filter(cause=cause))


def advice_on(request: ApprovalRequest | None) -> str:
    """Return what admins are told of a request that was noticed: why nobody can answer it, and what helps."""
    if request is not None and (why := blocked(request)):
        return f"{why} {advice_for(request)}"
    return _("Too few people were left who may answer.")


def blocked_now(most: int) -> list[tuple[ApprovalRequest, str]]:
    """Return the open requests that admins were told of because nobody can answer them, each with why."""
    noticed = Occasion.objects.filter(cause__startswith=f"{Topic.OFFICE.value}:", data__has_key="unanswerable")
    waiting = ApprovalRequest.objects.open().filter(approval_id__in=noticed.values("subject"))
    found = []
    for request in waiting[:MOST_NOTICED]:
        if why := blocked(request):
            found.append((request, why))
        if len(found) == most:
            break
    return found


def put_to_operators(most: int) -> list[ApprovalRequest]:
    """Return what operators can settle, nearest deadline first: a booking, say, that could not be cancelled.

    What nobody of them can answer is ``blocked_now``.
    """
    theirs = AudienceMember.objects.filter(principal=f"group:{OPERATORS}").values("audience")
    asked = ApprovalRequest.objects.open().filter(audience__in=theirs, kind="question").still_open(timezone.now())
    return [one for one in asked.order_by("expires_at", "id")[:most] if not blocked(one)]

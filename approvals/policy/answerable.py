"""Whether anybody is left who can answer a request: said in plain words where nobody is."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import ApprovalRequest, Vote
from approvals.policy.asked import people_asked
from approvals.policy.standing import Standing

# So many people are looked at together; nearly always the first few are enough.
FEW = 10


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
    return f"{request.approval_id}:unanswerable:{step}"

"""What helps where nobody can answer a request: it depends on whom it asks."""

from enum import Enum

from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, User, Vote
from approvals.policy.members import in_floor
from approvals.policy.standing import Standing
from approvals.policy.wording import moment_words


class Helps(Enum):
    """What admins can do about it, the best first."""

    OTHERS = "others"
    """Put it to somebody else whom the workflow asks."""
    ADD = "add"
    """Add somebody to a group that is asked."""
    CANCEL = "cancel"
    """Nothing but close it, for it to be sent again."""


def remedy_of(request: ApprovalRequest) -> str:
    """Say what becomes of a request that nobody can answer: what the admins can do, and what happens otherwise."""
    said = {
        Helps.OTHERS: _("The admins know: they can put it to somebody else whom the workflow asks, or cancel it."),
        Helps.ADD: _("The admins know: they can add somebody to a group that it asks, or cancel it."),
        Helps.CANCEL: _("The admins know: they can cancel it, so that it can be sent again."),
    }[what_helps(request)]
    ends = _("Otherwise the workflow goes on by itself at its deadline, {moment}.")
    return _in_turn(said, _for_the_next(request), ends.format(moment=moment_words(request.expires_at)))


def advice_for(request: ApprovalRequest) -> str:
    """Say the same to admins: what to do about it."""
    said = {
        Helps.OTHERS: _("Put it to somebody else whom the workflow asks, or cancel it."),
        Helps.ADD: _("Add somebody to the group that it asks, or cancel it."),
        Helps.CANCEL: _("Cancel it, so that it can be sent again."),
    }[what_helps(request)]
    return _in_turn(said, _for_the_next(request))


def what_helps(request: ApprovalRequest) -> Helps:
    """Return what admins can do: a manager whom the account does not name cannot be added to a group."""
    standing = Standing.of(request)
    if standing is None:
        return Helps.ADD if request.policy.get("groups") else Helps.CANCEL
    votes = list(Vote.objects.filter(request=request).select_related("voter", "for_person"))
    if standing.step.groups and not standing.lacks_manager:
        return Helps.ADD
    return Helps.OTHERS if standing.takes_one(votes) and _has_others(request, votes) else Helps.CANCEL


def _has_others(request: ApprovalRequest, votes: list[Vote]) -> bool:
    barred = {request.requester, *map(str, request.policy.get("exclude") or [])}
    if standing := Standing.of(request):
        barred |= set(standing.effective.excluded.split("|"))
    asked = User.objects.filter(in_floor(request.policy), is_active=True)
    for name in filter(None, barred):
        asked = asked.exclude(username__iexact=name)
    return asked.exclude(pk__in=[vote.voter_id for vote in votes]).exists()


def _for_the_next(request: ApprovalRequest) -> str:
    standing = Standing.of(request)
    if standing is None or not standing.lacks_manager:
        return ""
    return _("Before the next one is sent, an admin has to name a manager in the account of whoever asks.")


def _in_turn(*sentences: str) -> str:
    return " ".join(filter(None, sentences))

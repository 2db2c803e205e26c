"""Who may put a request to somebody else, or ask somebody as well, and whom."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest, Decision, User, Vote
from approvals.models.names import asked_of, name_of
from approvals.policy.answer import Answer, no, yes
from approvals.policy.checks import eligibility
from approvals.policy.members import in_floor
from approvals.policy.requests import may_decide
from approvals.policy.standing import Standing
from approvals.policy.viewer import Viewer


def may_hand_over(viewer: Viewer, request: ApprovalRequest) -> Answer:
    """Say whether the person may change who is asked: whose turn it is, and admins; never who asked for it."""
    allowed = may_decide(viewer, request)
    if allowed.code == "revision":
        return no("revision", _("Only you can make these changes."))
    if allowed.code == "deputy" and not viewer.is_admin:
        return no("deputy", _("You answer for somebody who is away. Only they or an admin may ask others instead."))
    if allowed or not viewer.is_admin or viewer.is_called(request.requester):
        return allowed
    if not request.is_pending or Decision.objects.filter(request=request).exists():
        return no("closed", _("This request is answered or closed."))
    if request.expires_at <= timezone.now():
        return no("expired", _("The deadline has passed; the workflow goes on without an answer."))
    return yes("admin", _("Admins may change who is asked."))


def who_may_be_asked(viewer: Viewer, request: ApprovalRequest) -> "QuerySet[User]":
    """Return the people whom the person may put it to, as a list to choose from; ``may_be_asked`` has the last word."""
    standing = Standing.of(request)
    barred = [request.requester, viewer.username, *(str(name) for name in request.policy.get("exclude") or [])]
    if standing and standing.terms.bars_earlier:
        barred += standing.effective.excluded.split("|")
    found = User.objects.filter(in_floor(request.policy), is_active=True)
    for name in filter(None, barred):
        found = found.exclude(username__iexact=name)
    return found.exclude(pk__in=Vote.objects.filter(request=request).values("voter"))


def may_be_asked(person: Viewer, request: ApprovalRequest) -> Answer:
    """Say whether the request may be put to this person: within the floor, and barred by nothing."""
    barred = next((check for check in eligibility(person, request) if not check.answer), None)
    if barred is None:
        return yes("able", _("{person} may answer."), person=name_of(person.user))
    if barred.answer.code == "not_asked" and request.asked:
        said = _("{person} cannot be asked. {why} Choose somebody of {asked}.")
        return no("not_asked", said, person=name_of(person.user), why=barred.note, asked=asked_of(request))
    return no(barred.answer.code, _("{person} cannot be asked. {why}"), person=name_of(person.user), why=barred.note)

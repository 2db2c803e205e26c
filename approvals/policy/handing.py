"""Who may put a request to somebody else, or ask somebody as well, and whom."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest, Decision
from approvals.policy.answer import Answer, no, yes
from approvals.policy.checks import eligibility
from approvals.policy.requests import may_decide
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


def may_be_asked(person: Viewer, request: ApprovalRequest) -> Answer:
    """Say whether the request may be put to this person: within the floor, and barred by nothing."""
    barred = next((check for check in eligibility(person, request) if not check.answer), None)
    if barred is None:
        return yes("able", _("{person} may answer."), person=person.username)
    if barred.answer.code == "not_asked" and request.asked:
        said = _("{person} cannot be asked. {why} Choose somebody of {asked}.")
        return no("not_asked", said, person=person.username, why=barred.note, asked=request.asked)
    return no(barred.answer.code, _("{person} cannot be asked. {why}"), person=person.username, why=barred.note)

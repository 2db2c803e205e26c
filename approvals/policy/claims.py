"""Who may say that they are on a request, and who may end that."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest, Claim
from approvals.policy.answer import Answer, no, yes
from approvals.policy.requests import may_decide
from approvals.policy.viewer import Viewer


def may_claim(viewer: Viewer, request: ApprovalRequest) -> Answer:
    """Say whether the person may claim the request: who may decide it, while nobody else is on it."""
    allowed = may_decide(viewer, request)
    if not allowed:
        return allowed
    claim = Claim.objects.on(request, timezone.now())
    if claim is not None and claim.holder_id != viewer.user.pk:
        return no(
            "claimed",
            _("{holder} is on it already. Wait until their claim lapses, or ask them."),
            holder=claim.holder,
        )
    return yes("claimed" if claim else "free", _("You may say that you are on it."))


def may_release(viewer: Viewer, claim: Claim) -> Answer:
    """Say whether the person may end the claim: whoever holds it, and admins."""
    if not viewer.is_active:
        return no("inactive", _("Your account is not active."))
    if claim.holder_id == viewer.user.pk:
        return yes("holder", _("You are on it."))
    if viewer.is_admin:
        return yes("admin", _("Admins may end a claim."))
    return no("not_holder", _("{holder} is on it; only they or an admin may end that."), holder=claim.holder)

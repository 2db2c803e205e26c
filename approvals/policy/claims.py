"""Who may say that they are on a request, and who may end that."""

from django.utils import timezone

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
        return no("claimed", f"{claim.holder} is on it already. Wait until their claim lapses, or ask them.")
    return yes("claimed" if claim else "free", "You may say that you are on it.")


def may_release(viewer: Viewer, claim: Claim) -> Answer:
    """Say whether the person may end the claim: whoever holds it, and admins."""
    if not viewer.is_active:
        return no("inactive", "Your account is not active.")
    if claim.holder_id == viewer.user.pk:
        return yes("holder", "You are on it.")
    if viewer.is_admin:
        return yes("admin", "Admins may end a claim.")
    return no("not_holder", f"{claim.holder} is on it; only they or an admin may end that.")

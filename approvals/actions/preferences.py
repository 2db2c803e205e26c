"""How a person wants the portal to behave for them."""

from django.db import transaction

from approvals.models import AuditEvent, User
from approvals.policy import Viewer


@transaction.atomic
def use_shortcuts(viewer: Viewer, *, on: bool) -> None:
    """Turn single keys on or off for the person, in every browser."""
    if User.objects.filter(pk=viewer.user.pk, shortcuts=not on).update(shortcuts=on):
        after = {"shortcuts": on}
        AuditEvent.objects.record(viewer.actor, "user.changed", viewer.user, str(viewer.user), after=after)

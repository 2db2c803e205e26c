"""Who acts, and the faults that end the command."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from approvals.actions.errors import ActionError, Refused
from approvals.models import ApprovalRequest, AuditEvent, User
from approvals.policy import Viewer, may_view

REFUSED, MISSING, INVALID = 3, 4, 5


def viewer_called(username: str) -> Viewer:
    """Return the person as the policy sees them, acting from the command line.

    Raises CommandError when there is no such account or it is not active.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no account {username!r}.", returncode=MISSING)
    if not user.is_active:
        raise CommandError(f"The account {username!r} is not active.", returncode=REFUSED)
    return Viewer.of(user, origin="cli")


def request_called(viewer: Viewer, approval_id: str) -> ApprovalRequest:
    """Return the request if the person may see it. Raises CommandError, which does not say that it exists."""
    found = ApprovalRequest.objects.filter(approval_id=approval_id).first()
    allowed = may_view(viewer, found) if found else None
    if found and allowed:
        return found
    if found and allowed is not None:
        AuditEvent.objects.record(viewer.actor, "request.view_refused", found, allowed.reason, why=allowed.code)
    raise CommandError(f"There is no request {approval_id!r} that {viewer.username} may see.", returncode=MISSING)


@contextmanager
def faults_told() -> Iterator[None]:
    """Turn an action that was not done into one line on standard error and an exit code."""
    try:
        yield
    except Refused as fault:
        raise CommandError(str(fault), returncode=REFUSED) from None
    except ActionError as fault:
        raise CommandError(str(fault), returncode=INVALID) from None

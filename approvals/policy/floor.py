"""What the workflow itself states: who is asked and who is barred. The portal's policy never loosens it."""

from approvals.models import ApprovalRequest
from approvals.policy.viewer import Viewer


def in_audience(viewer: Viewer, request: ApprovalRequest) -> bool:
    """Whether the request's policy names the person or one of their groups."""
    users = request.policy.get("users") or []
    groups = request.policy.get("groups") or []
    return viewer.username in users or not viewer.groups.isdisjoint(groups)


def is_excluded(viewer: Viewer, request: ApprovalRequest) -> bool:
    """Whether the policy names the person as one who must not answer."""
    return any(viewer.is_called(name) for name in request.policy.get("exclude") or [])


def is_own_revision(viewer: Viewer, request: ApprovalRequest) -> bool:
    """Whether the request wants changes of the person who asked, and names them: nobody approves by making them."""
    is_named = viewer.username in (request.policy.get("users") or [])
    return request.kind == "revision" and viewer.username == request.requester and is_named

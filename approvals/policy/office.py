"""Who may look into the record, and who may put things right."""

from django.utils.translation import gettext_lazy as _

from approvals.policy.answer import Answer, no, yes
from approvals.policy.viewer import Viewer


def may_audit(viewer: Viewer) -> Answer:
    """Say whether the person may read the whole record: auditors and admins."""
    if not viewer.is_active:
        return no("inactive", _("Your account is not active."))
    if viewer.sees_all:
        return yes("sees_all", _("You see the whole record."))
    return no("not_auditor", _("Only auditors and admins see the record."))


def may_administer(viewer: Viewer) -> Answer:
    """Say whether the person may manage accounts and groups: admins."""
    if not viewer.is_active:
        return no("inactive", _("Your account is not active."))
    if viewer.is_admin:
        return yes("admin", _("You run this portal."))
    return no("not_admin", _("Only an admin may do this."))


def may_retry(viewer: Viewer) -> Answer:
    """Say whether the person may send a stuck delivery again: admins."""
    return may_administer(viewer)


def may_change_groups(viewer: Viewer, username: str) -> Answer:
    """Say whether the person may change somebody's groups: an admin, but never their own.

    Otherwise an admin could put themselves into the group that a policy names, and decide alone.
    """
    allowed = may_administer(viewer)
    if allowed and viewer.is_called(username):
        return no("self", _("Nobody changes their own groups; ask another admin."))
    return allowed


def may_edit_policies(viewer: Viewer) -> Answer:
    """Say whether the person may edit policies and their rules: admins."""
    return may_administer(viewer)


def may_explain(viewer: Viewer, username: str) -> Answer:
    """Say whether the person may see why somebody may or may not decide: of themselves, or as auditor or admin."""
    if viewer.is_called(username):
        return yes("self", _("This is about you."))
    return may_audit(viewer)

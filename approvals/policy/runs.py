"""Who may see a run."""

from django.utils.translation import gettext_lazy as _

from approvals.models import Run
from approvals.policy.answer import Answer, no, yes
from approvals.policy.requests import visible_requests
from approvals.policy.viewer import Viewer


def may_view_run(viewer: Viewer, run: Run) -> Answer:
    """Say whether the person may see the run: its requester, whoever is asked in it, admins and auditors."""
    if not viewer.is_active:
        return no("inactive", _("Your account is not active."))
    if viewer.sees_all:
        return yes("sees_all", _("You see every run."))
    if viewer.username == run.requester:
        return yes("requester", _("You started this run."))
    if visible_requests(viewer).filter(run_name=run.run_name).exists():
        return yes("asked", _("A request of this run is put to you or to one of your groups."))
    return no("unrelated", _("You are not part of this run."))

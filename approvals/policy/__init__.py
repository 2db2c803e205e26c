"""Who may do what, and why. Views, API, CLI and admin ask here and nowhere else."""

from approvals.policy.answer import Answer
from approvals.policy.asked import Batch, batch_of, people_asked, people_of_the_office
from approvals.policy.files import may_open_attachment
from approvals.policy.office import may_administer, may_audit, may_change_groups, may_retry
from approvals.policy.requests import may_cancel, may_comment, may_decide, may_view, visible_requests
from approvals.policy.runs import may_view_run
from approvals.policy.submissions import may_copy, may_edit, may_view_submission, may_withdraw
from approvals.policy.tally import tally
from approvals.policy.viewer import Viewer

__all__ = [
    "Answer",
    "Batch",
    "Viewer",
    "batch_of",
    "may_administer",
    "may_audit",
    "may_cancel",
    "may_change_groups",
    "may_comment",
    "may_copy",
    "may_decide",
    "may_edit",
    "may_open_attachment",
    "may_retry",
    "may_view",
    "may_view_run",
    "may_view_submission",
    "may_withdraw",
    "people_asked",
    "people_of_the_office",
    "tally",
    "visible_requests",
]

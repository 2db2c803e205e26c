"""Who may do what, and why. Views, API, CLI and admin ask here and nowhere else."""

from approvals.policy.answer import Answer
from approvals.policy.asked import Batch, batch_of, people_asked, people_of_the_office
from approvals.policy.checks import Check, checks
from approvals.policy.claims import may_claim, may_release
from approvals.policy.files import may_open_attachment
from approvals.policy.handing import may_be_asked, may_hand_over
from approvals.policy.office import (
    may_administer,
    may_audit,
    may_change_groups,
    may_edit_policies,
    may_explain,
    may_retry,
)
from approvals.policy.requests import may_cancel, may_comment, may_decide, may_view, visible_requests
from approvals.policy.runs import may_view_run
from approvals.policy.standing import Standing
from approvals.policy.submissions import may_copy, may_edit, may_view_submission, may_withdraw
from approvals.policy.talk import (
    may_edit_comment,
    may_nudge,
    may_open_comment_file,
    who_is_asked,
    who_may_decide,
    who_may_view,
)
from approvals.policy.tally import tally
from approvals.policy.viewer import Viewer

__all__ = [
    "Answer",
    "Batch",
    "Check",
    "Standing",
    "Viewer",
    "batch_of",
    "checks",
    "may_administer",
    "may_audit",
    "may_be_asked",
    "may_cancel",
    "may_change_groups",
    "may_claim",
    "may_comment",
    "may_copy",
    "may_decide",
    "may_edit",
    "may_edit_comment",
    "may_edit_policies",
    "may_explain",
    "may_hand_over",
    "may_nudge",
    "may_open_attachment",
    "may_open_comment_file",
    "may_release",
    "may_retry",
    "may_view",
    "may_view_run",
    "may_view_submission",
    "may_withdraw",
    "people_asked",
    "people_of_the_office",
    "tally",
    "visible_requests",
    "who_is_asked",
    "who_may_decide",
    "who_may_view",
]

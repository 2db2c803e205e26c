"""Who may do what, and why. Views, API, CLI and admin ask here and nowhere else."""

from approvals.policy.acting import Acting, acting_for
from approvals.policy.answer import Answer
from approvals.policy.asked import (
    Awaited,
    Batch,
    awaited,
    batch_of,
    everybody_asked,
    people_asked,
    people_of_the_office,
)
from approvals.policy.away import may_end_absence, may_set_absence
from approvals.policy.checks import Check, checks
from approvals.policy.claims import may_claim, may_release
from approvals.policy.files import may_open_attachment
from approvals.policy.handing import may_be_asked, may_hand_over, who_may_be_asked
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
    who_may_view,
)
from approvals.policy.tally import tally
from approvals.policy.turn import whose_turn
from approvals.policy.viewer import Viewer

__all__ = [
    "Acting",
    "Answer",
    "Awaited",
    "Batch",
    "Check",
    "Standing",
    "Viewer",
    "acting_for",
    "awaited",
    "batch_of",
    "checks",
    "everybody_asked",
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
    "may_end_absence",
    "may_explain",
    "may_hand_over",
    "may_nudge",
    "may_open_attachment",
    "may_open_comment_file",
    "may_release",
    "may_retry",
    "may_set_absence",
    "may_view",
    "may_view_run",
    "may_view_submission",
    "may_withdraw",
    "people_asked",
    "people_of_the_office",
    "tally",
    "visible_requests",
    "who_may_be_asked",
    "who_may_view",
    "whose_turn",
]

"""Who may open an attachment."""

from django.utils.translation import gettext_lazy as _

from approvals.models import Attachment, Submission
from approvals.policy.answer import Answer, no, yes
from approvals.policy.requests import visible_requests
from approvals.policy.submissions import may_view_submission
from approvals.policy.viewer import Viewer


def may_open_attachment(viewer: Viewer, attachment: Attachment) -> Answer:
    """Say whether the person may open the file: whoever sees the submission or a request of its run."""
    submission: Submission = attachment.submission
    own = may_view_submission(viewer, submission)
    if own:
        return own
    if submission.run_name and visible_requests(viewer).filter(run_name=submission.run_name).exists():
        return yes("asked", _("A request that shows this file is put to you or to one of your groups."))
    return no("unrelated", _("You are not part of the request that shows this file."))

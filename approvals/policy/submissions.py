"""Who may see, change and withdraw a submission."""

from approvals.models import Delivery, Submission
from approvals.policy.answer import Answer, no, yes
from approvals.policy.viewer import Viewer


def may_view_submission(viewer: Viewer, submission: Submission) -> Answer:
    """Say whether the person may see it: its requester; admins and auditors once it is submitted."""
    if not viewer.is_active:
        return no("inactive", "Your account is not active.")
    if submission.requester_id == viewer.user.pk:
        return yes("requester", "This is yours.")
    if viewer.sees_all and submission.state != Submission.State.DRAFT:
        return yes("sees_all", "You see every submission.")
    return no("unrelated", "This is somebody else's.")


def may_edit(viewer: Viewer, submission: Submission) -> Answer:
    """Say whether the person may change it: the requester, while it is a draft."""
    if submission.requester_id != viewer.user.pk or not viewer.is_active:
        return no("unrelated", "This is somebody else's.")
    if submission.state != Submission.State.DRAFT:
        return no("submitted", f"{submission.ref} was submitted and does not change any more.")
    return yes("requester", "This is yours.")


def may_copy(viewer: Viewer, submission: Submission) -> Answer:
    """Say whether the person may begin a new draft from it: the requester, once it is no draft any more."""
    if submission.requester_id != viewer.user.pk or not viewer.is_active:
        return no("unrelated", "This is somebody else's.")
    if submission.state == Submission.State.DRAFT:
        return no("draft", f"{submission.ref} is a draft; go on with it.")
    return yes("requester", "This is yours.")


def may_withdraw(viewer: Viewer, submission: Submission) -> Answer:
    """Say whether the person may take it back before the run has been started; later the request decides."""
    if submission.requester_id != viewer.user.pk or not viewer.is_active:
        return no("unrelated", "This is somebody else's.")
    if submission.state != Submission.State.SUBMITTED:
        return no("state", f"{submission.ref} is {submission.get_state_display().lower()}.")
    if Delivery.objects.unsent().filter(submission=submission).exists():
        return yes("not_started", "It has not been sent yet.")
    return no("started", f"{submission.ref} has been started.")

"""Who may see, change and withdraw a submission."""

from django.utils.translation import gettext_lazy as _

from approvals.models import Delivery, Submission
from approvals.policy.answer import Answer, no, yes
from approvals.policy.viewer import Viewer

STANDS = {
    Submission.State.DRAFT: _("{ref} is draft."),
    Submission.State.SUBMITTED: _("{ref} is submitted."),
    Submission.State.WITHDRAWN: _("{ref} is withdrawn."),
}


def may_view_submission(viewer: Viewer, submission: Submission) -> Answer:
    """Say whether the person may see it: its requester; admins and auditors once it is submitted."""
    if not viewer.is_active:
        return no("inactive", _("Your account is not active."))
    if submission.requester_id == viewer.user.pk:
        return yes("requester", _("This is yours."))
    if viewer.sees_all and submission.state != Submission.State.DRAFT:
        return yes("sees_all", _("You see every submission."))
    return no("unrelated", _("This is somebody else's."))


def may_edit(viewer: Viewer, submission: Submission) -> Answer:
    """Say whether the person may change it: the requester, while it is a draft."""
    if submission.requester_id != viewer.user.pk or not viewer.is_active:
        return no("unrelated", _("This is somebody else's."))
    if submission.state != Submission.State.DRAFT:
        return no("submitted", _("{ref} was submitted and does not change any more."), ref=submission.ref)
    return yes("requester", _("This is yours."))


def may_copy(viewer: Viewer, submission: Submission) -> Answer:
    """Say whether the person may begin a new draft from it: the requester, once it is no draft any more."""
    if submission.requester_id != viewer.user.pk or not viewer.is_active:
        return no("unrelated", _("This is somebody else's."))
    if submission.state == Submission.State.DRAFT:
        return no("draft", _("{ref} is a draft; go on with it."), ref=submission.ref)
    return yes("requester", _("This is yours."))


def may_withdraw(viewer: Viewer, submission: Submission) -> Answer:
    """Say whether the person may take it back before the run has been started; later the request decides."""
    if submission.requester_id != viewer.user.pk or not viewer.is_active:
        return no("unrelated", _("This is somebody else's."))
    if submission.state != Submission.State.SUBMITTED:
        return no("state", STANDS[Submission.State(submission.state)], ref=submission.ref)
    if Delivery.objects.unsent().filter(submission=submission).exists():
        return yes("not_started", _("It has not been sent yet."))
    return no("started", _("{ref} has been started."), ref=submission.ref)

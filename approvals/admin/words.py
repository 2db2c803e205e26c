"""What the record's codes say to a person. A code without words here still reads: its marks become spaces."""

from django.utils.translation import gettext_lazy

ACTIONS = {
    "admin.refused": gettext_lazy("Refused at the record's door"),
    "attachment.added": gettext_lazy("File added"),
    "attachment.opened": gettext_lazy("File opened"),
    "attachment.refused": gettext_lazy("File refused"),
    "attachment.removed": gettext_lazy("File removed"),
    "bulk.decided": gettext_lazy("Answered many at once"),
    "bulk.form_tampered": gettext_lazy("Altered form refused"),
    "delivery.accepted": gettext_lazy("Workflow woken"),
    "delivery.beating": gettext_lazy("Heartbeats sent"),
    "delivery.lost": gettext_lazy("Another answer came first"),
    "delivery.retried": gettext_lazy("Delivery sent again"),
    "delivery.retrying": gettext_lazy("Delivery failed, tried again later"),
    "delivery.stuck": gettext_lazy("Delivery stuck"),
    "delivery.written": gettext_lazy("Decision written to AWS"),
    "group.changed": gettext_lazy("Group changed"),
    "group.created": gettext_lazy("Group created"),
    "request.approver_added": gettext_lazy("Asked as well"),
    "request.claimed": gettext_lazy("Claimed"),
    "request.comment_edited": gettext_lazy("Comment changed"),
    "delivery.told": gettext_lazy("Admins called"),
    "letter.retried": gettext_lazy("E-mail sent again"),
    "letter.stuck": gettext_lazy("E-mail stuck"),
    "notice.given_up": gettext_lazy("Change notice given up"),
    "notifications.pruned": gettext_lazy("Old notifications gone"),
    "occasion.retried": gettext_lazy("Notification tried again"),
    "occasion.stuck": gettext_lazy("Notification stuck"),
    "request.commented": gettext_lazy("Commented"),
    "request.reassigned": gettext_lazy("Put to somebody else"),
    "request.released": gettext_lazy("Claim ended"),
    "request.decided": gettext_lazy("Decided"),
    "policy.versioned": gettext_lazy("Policy edited"),
    "policyrule.changed": gettext_lazy("Policy's rule changed"),
    "policyrule.created": gettext_lazy("Policy's rule made"),
    "request.form_tampered": gettext_lazy("Altered form refused"),
    "request.nudged": gettext_lazy("Reminder sent"),
    "request.opened": gettext_lazy("Request opened"),
    "request.policy_fixed": gettext_lazy("Policy fixed"),
    "request.settled": gettext_lazy("Request settled"),
    "request.step_blocked": gettext_lazy("Nobody can answer"),
    "request.step_due": gettext_lazy("Time of a step is over"),
    "request.step_escalated": gettext_lazy("Others asked as well"),
    "request.step_expired": gettext_lazy("No more answers taken"),
    "request.step_passed": gettext_lazy("Step passed"),
    "request.told": gettext_lazy("People told"),
    "request.unanswerable": gettext_lazy("Nobody can answer"),
    "request.voted": gettext_lazy("Answered"),
    "request.woken": gettext_lazy("Workflow woken by reconcile"),
    "run.end_written": gettext_lazy("End of run written"),
    "run.ended": gettext_lazy("Run ended"),
    "run.started": gettext_lazy("Run started"),
    "run.told": gettext_lazy("Requester told"),
    "submission.copied": gettext_lazy("Form copied"),
    "submission.discarded": gettext_lazy("Draft discarded"),
    "submission.drafted": gettext_lazy("Draft saved"),
    "submission.duplicate_confirmed": gettext_lazy("Likeness to an earlier one confirmed"),
    "submission.form_tampered": gettext_lazy("Altered form refused"),
    "submission.refused": gettext_lazy("Form refused by the workflow"),
    "submission.submitted": gettext_lazy("Submitted"),
    "submission.withdrawn": gettext_lazy("Withdrawn"),
    "absence.told": gettext_lazy("Both told of the absence"),
    "user.away_changed": gettext_lazy("Absence changed"),
    "user.away_ended": gettext_lazy("Absence ended early"),
    "user.away_refused": gettext_lazy("Absence refused"),
    "user.away_set": gettext_lazy("Deputy named"),
    "user.away_withdrawn": gettext_lazy("Absence taken back"),
    "user.changed": gettext_lazy("Account changed"),
    "user.created": gettext_lazy("Account created"),
    "user.groups_changed": gettext_lazy("Groups changed"),
    "user.locked_out": gettext_lazy("Locked out after wrong passwords"),
    "user.notifications_changed": gettext_lazy("Notifications chosen"),
    "user.password_changed": gettext_lazy("Password changed"),
    "user.sign_in_failed": gettext_lazy("Sign-in failed"),
    "user.signed_in": gettext_lazy("Signed in"),
    "user.signed_out": gettext_lazy("Signed out"),
    "user.signed_out_everywhere": gettext_lazy("Signed out everywhere"),
    "view.deleted": gettext_lazy("View of the queue deleted"),
    "view.preferred": gettext_lazy("View of the queue preferred"),
    "view.saved": gettext_lazy("View of the queue saved"),
}
# Each whole, for languages bend words differently.
REFUSED = {
    "add": gettext_lazy("Asking as well refused"),
    "claim": gettext_lazy("Claiming refused"),
    "close": gettext_lazy("Closing refused"),
    "comment": gettext_lazy("Comment refused"),
    "comment_edit": gettext_lazy("Change of a comment refused"),
    "copy": gettext_lazy("Copying refused"),
    "discard": gettext_lazy("Discarding refused"),
    "draft": gettext_lazy("Draft refused"),
    "edit": gettext_lazy("Editing refused"),
    "release": gettext_lazy("Ending a claim refused"),
    "reassign": gettext_lazy("Reassigning refused"),
    "nudge": gettext_lazy("Reminder refused"),
    "remove": gettext_lazy("Removal refused"),
    "retry": gettext_lazy("Retry refused"),
    "view": gettext_lazy("View refused"),
    "vote": gettext_lazy("Answer refused"),
    "withdraw": gettext_lazy("Withdrawing refused"),
}
PARTS = {
    "system:mirror": gettext_lazy("Countersign (mirror)"),
    "system:policy": gettext_lazy("Countersign (policy)"),
    "system:notifier": gettext_lazy("Countersign (notifications)"),
    "system:postman": gettext_lazy("Countersign (e-mail)"),
    "system:pruner": gettext_lazy("Countersign (old notifications)"),
    "system:outbox": gettext_lazy("Countersign (outbox)"),
    "system:reconcile": gettext_lazy("Countersign (reconcile)"),
}


def action_words(code: str) -> str:
    """Return what was done: ``request.voted`` gives ``Answered``, ``request.vote_refused`` ``Answer refused``."""
    if known := ACTIONS.get(code):
        return str(known)
    kind, verb = code.partition(".")[::2]
    if verb.endswith("_refused") and (refused := REFUSED.get(verb.removesuffix("_refused"))):
        return str(refused)
    text = f"{kind} {verb}".replace("_", " ").replace(".", " ").strip()
    return text[:1].upper() + text[1:]


def actor_words(name: str) -> str:
    """Return who acted: a part of the product by what it is, a person by the username."""
    return str(PARTS.get(name, name))

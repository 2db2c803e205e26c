"""What the record's codes say to a person. A code without words here still reads: its marks become spaces."""

ACTIONS = {
    "admin.refused": "Refused at the record's door",
    "attachment.added": "File added",
    "attachment.opened": "File opened",
    "attachment.refused": "File refused",
    "attachment.removed": "File removed",
    "bulk.decided": "Answered many at once",
    "bulk.form_tampered": "Altered form refused",
    "delivery.accepted": "Workflow woken",
    "delivery.beating": "Heartbeats sent",
    "delivery.lost": "Another answer came first",
    "delivery.retried": "Delivery sent again",
    "delivery.retrying": "Delivery failed, tried again later",
    "delivery.stuck": "Delivery stuck",
    "delivery.written": "Decision written to AWS",
    "group.changed": "Group changed",
    "group.created": "Group created",
    "request.approver_added": "Asked as well",
    "request.claimed": "Claimed",
    "request.comment_edited": "Comment changed",
    "delivery.told": "Admins called",
    "letter.retried": "E-mail sent again",
    "letter.stuck": "E-mail stuck",
    "notifications.pruned": "Old notifications gone",
    "notice.given_up": "Change notice given up",
    "occasion.retried": "Notification tried again",
    "occasion.stuck": "Notification stuck",
    "request.commented": "Commented",
    "request.reassigned": "Put to somebody else",
    "request.released": "Claim ended",
    "request.decided": "Decided",
    "policy.versioned": "Policy edited",
    "policyrule.changed": "Policy's rule changed",
    "policyrule.created": "Policy's rule made",
    "request.form_tampered": "Altered form refused",
    "request.nudged": "Reminder sent",
    "request.opened": "Request opened",
    "request.policy_fixed": "Policy fixed",
    "request.settled": "Request settled",
    "request.step_blocked": "Nobody can answer",
    "request.unanswerable": "Nobody can answer",
    "request.step_due": "Time of a step is over",
    "request.step_escalated": "Others asked as well",
    "request.step_expired": "No more answers taken",
    "request.step_passed": "Step passed",
    "request.told": "People told",
    "request.voted": "Answered",
    "request.woken": "Workflow woken by reconcile",
    "run.end_written": "End of run written",
    "run.ended": "Run ended",
    "run.started": "Run started",
    "run.told": "Requester told",
    "submission.copied": "Form copied",
    "submission.discarded": "Draft discarded",
    "submission.drafted": "Draft saved",
    "submission.duplicate_confirmed": "Likeness to an earlier one confirmed",
    "submission.form_tampered": "Altered form refused",
    "submission.refused": "Form refused by the workflow",
    "submission.submitted": "Submitted",
    "submission.withdrawn": "Withdrawn",
    "user.changed": "Account changed",
    "user.created": "Account created",
    "user.groups_changed": "Groups changed",
    "user.locked_out": "Locked out after wrong passwords",
    "user.notifications_changed": "Notifications chosen",
    "user.password_changed": "Password changed",
    "user.sign_in_failed": "Sign-in failed",
    "user.signed_in": "Signed in",
    "user.signed_out": "Signed out",
    "user.signed_out_everywhere": "Signed out everywhere",
    "view.deleted": "View of the queue deleted",
    "view.preferred": "View of the queue preferred",
    "view.saved": "View of the queue saved",
}
REFUSED = {
    "add": "Asking as well",
    "claim": "Claiming",
    "close": "Closing",
    "comment": "Comment",
    "comment_edit": "Change of a comment",
    "copy": "Copying",
    "discard": "Discarding",
    "draft": "Draft",
    "edit": "Editing",
    "release": "Ending a claim",
    "reassign": "Reassigning",
    "nudge": "Reminder",
    "remove": "Removal",
    "retry": "Retry",
    "view": "View",
    "vote": "Answer",
    "withdraw": "Withdrawing",
}
PARTS = {
    "system:mirror": "Countersign (mirror)",
    "system:policy": "Countersign (policy)",
    "system:notifier": "Countersign (notifications)",
    "system:pruner": "Countersign (old notifications)",
    "system:postman": "Countersign (e-mail)",
    "system:outbox": "Countersign (outbox)",
    "system:reconcile": "Countersign (reconcile)",
}


def action_words(code: str) -> str:
    """Return what was done: ``request.voted`` gives ``Answered``, ``request.vote_refused`` ``Answer refused``."""
    if known := ACTIONS.get(code):
        return known
    kind, _, verb = code.partition(".")
    refused = REFUSED.get(verb.removesuffix("_refused")) if verb.endswith("_refused") else None
    text = f"{refused} refused" if refused else f"{kind} {verb}".replace("_", " ").replace(".", " ").strip()
    return text[:1].upper() + text[1:]


def actor_words(name: str) -> str:
    """Return who acted: a part of the product by what it is, a person by the username."""
    return PARTS.get(name, name)

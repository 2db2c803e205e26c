"""What happened to a request: the item's own events and the portal's record, as one list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from approvals.models import ApprovalRequest, AuditEvent, Vote
from approvals.models.audit import name_of
from approvals.policy import Viewer, may_audit
from approvals.web.details import Node, number_of
from approvals.web.endings import fault_for
from approvals.web.formats import moment_of, money, words
from approvals.web.responses import answer_in, answer_shown
from approvals.web.terms import outcome_label

MOST_LINES = 300
# The item tells these itself, in the workflow's own words.
TOLD_BY_THE_ITEM = ("request.opened", "request.settled")
REFUSALS = (
    "request.vote_refused",
    "request.comment_refused",
    "request.comment_edit_refused",
    "request.nudge_refused",
    "request.claim_refused",
    "request.add_refused",
    "request.reassign_refused",
    "request.release_refused",
    "request.close_refused",
    "request.view_refused",
    "request.form_tampered",
    "request.explain_refused",
)

ITEM_WORDS = {
    "opened": "opened the request",
    "notified": "told the people asked",
    "decided": "wrote the decision into the request",
    "settled": "settled the request",
    "escalated": "passed the request on",
    "closed": "closed the request",
}
RECORD_WORDS = {
    "request.approver_added": "asked somebody as well",
    "request.reassigned": "put it to somebody else",
    "request.add_refused": "tried to ask somebody as well and was refused",
    "request.reassign_refused": "tried to put it to somebody else and was refused",
    "request.claimed": "said to be on it",
    "request.claim_refused": "tried to claim it and was refused",
    "request.commented": "commented",
    "request.released": "ended a claim",
    "request.release_refused": "tried to end a claim and was refused",
    "request.policy_fixed": "put it under a policy",
    "request.step_blocked": "found nobody who can answer",
    "request.step_due": "noted that a step's time is over",
    "request.step_escalated": "asked others as well",
    "request.step_expired": "took no more answers",
    "request.step_passed": "passed a step",
    "request.explain_refused": "asked about somebody else's rights and was refused",
    "request.nudged": "sent a reminder",
    "request.nudge_refused": "tried to send a reminder and was refused",
    "request.comment_edited": "changed a comment",
    "request.comment_refused": "tried to comment and was refused",
    "request.comment_edit_refused": "tried to change a comment and was refused",
    "request.vote_refused": "tried to answer and was refused",
    "request.close_refused": "tried to close it and was refused",
    "request.view_refused": "tried to open it and was refused",
    "request.orphaned": "told the people who waited that nobody needs to answer",
    "request.form_tampered": "sent a form that was changed on its way",
    "request.told": "told people",
    "request.unanswerable": "found nobody who can answer",
    "delivery.written": "wrote the decision to AWS",
    "delivery.accepted": "woke the workflow",
    "delivery.lost": "found another answer already there",
    "delivery.stuck": "could not deliver the decision",
    "delivery.retrying": "will try the delivery again",
    "delivery.retried": "sent the delivery on its way again",
    "delivery.told": "called an admin",
}
ICONS = {
    "decided": "check",
    "voted": "check",
    "commented": "comment",
    "settled": "lock",
    "opened": "inbox",
    "told": "bell",
}


@dataclass(frozen=True)
class Line:
    """One line of the history. ``actor`` is a username, or the part of the product when ``by_system``."""

    at: datetime
    actor: str
    action: str
    note: str
    icon: str
    by_system: bool
    answer: Node | None = None
    """The structured answer that the line tells of."""


def history_of(request: ApprovalRequest, viewer: Viewer, delivery_key: str = "") -> list[Line]:
    """Return all lines that the person may see, oldest first. Refused attempts are for auditors and admins."""
    kind, key = name_of(request)
    about = Q(object_kind=kind, object_id=key)
    if delivery_key:
        about |= Q(object_kind="delivery", object_id=delivery_key)
    events = AuditEvent.objects.filter(about).exclude(action__in=TOLD_BY_THE_ITEM)
    if not may_audit(viewer):
        events = events.exclude(action__in=REFUSALS)
    given = answers_on(request)
    lines = [from_record(event, given) for event in events.order_by("-id")[:MOST_LINES]]
    lines += [line for event in request.events if (line := from_item(event))]
    lines = with_the_answer_from_elsewhere(request, lines)
    if not may_audit(viewer):
        lines = [replace(line, note=fault_for(False, line.note, [request])) if is_end(line) else line for line in lines]
    return sorted(lines, key=lambda line: line.at)


def answers_on(request: ApprovalRequest) -> dict[str, Node]:
    """Return the structured answers that were given here, by username."""
    votes = Vote.objects.filter(request=request, response__isnull=False).values_list("voter__username", "response")
    return {voter: answer for voter, response in votes if (answer := answer_shown(request, response))}


def with_the_answer_from_elsewhere(request: ApprovalRequest, lines: list[Line]) -> list[Line]:
    """Put the answer that nobody gave here beside the item's own line about it."""
    answer = None if any(line.answer for line in lines) else answer_in(request)
    told = [
        number for number, line in enumerate(lines) if line.action in {ITEM_WORDS["decided"], ITEM_WORDS["settled"]}
    ]
    if answer is None or not told:
        return lines
    return [replace(line, answer=answer) if number == told[0] else line for number, line in enumerate(lines)]


def is_end(line: Line) -> bool:
    """Whether the line says how the request ended without people: settled by the workflow, or closed after it."""
    return line.by_system and line.action in {ITEM_WORDS["settled"], ITEM_WORDS["closed"]}


def from_item(event: Any) -> Line | None:
    """Return the line of an item's event; one that has no readable time has no place in a history."""
    moment = moment_of(event.get("at")) if isinstance(event, dict) else None
    if moment is None:
        return None
    action, actor = str(event.get("action") or "noted"), str(event.get("actor") or "workflow")
    by_system = actor in {"workflow", "portal", "reconcile", "approval-api"}
    return Line(
        moment, actor, ITEM_WORDS.get(action, words(action).lower()), str(event.get("note") or ""),
        ICONS.get(action, "flow"), by_system,
    )  # fmt: skip


def from_record(event: AuditEvent, given: Mapping[str, Node]) -> Line:
    """Return the line of a record's event; ``given`` has the structured answers by username."""
    verb = event.action.partition(".")[2]
    said, note = RECORD_WORDS.get(event.action, words(verb).lower()), event.summary
    if event.action == "request.voted":
        choice = str(event.data.get("choice") or "")
        said, note = f"answered: {outcome_label(choice).lower()}", note.removeprefix(choice).removeprefix(": ")
        said += amount_of(event)
    if event.action == "request.decided":
        said, note = f"settled it here: {outcome_label(note.partition(' by ')[0]).lower()}", ""
    by_system = event.actor.startswith("system:")
    answer = given.get(event.actor) if event.action == "request.voted" else None
    icon = ICONS.get(verb, "history")
    return Line(event.at, event.actor.removeprefix("system:"), said, note, icon, by_system, answer)


def amount_of(event: AuditEvent) -> str:
    """Return what a vote allows where it is less than was asked."""
    allowed, asked = number_of(event.data.get("allowed")), number_of(event.data.get("asked"))
    if allowed is None or asked is None or allowed == asked:
        return ""
    currency = str(event.data.get("currency") or "")
    return f", {money(allowed, currency)} of {money(asked, currency)}"

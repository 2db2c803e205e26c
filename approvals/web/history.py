"""What happened to a request: the item's own events and the portal's record, as one list."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from approvals.models import ApprovalRequest, AuditEvent
from approvals.models.audit import name_of
from approvals.policy import Viewer, may_audit
from approvals.web.endings import fault_for
from approvals.web.formats import moment_of, words

MOST_LINES = 300
# The item tells these itself, in the workflow's own words.
TOLD_BY_THE_ITEM = ("request.opened", "request.settled")
REFUSALS = ("request.vote_refused", "request.close_refused", "request.view_refused", "request.form_tampered")

ITEM_WORDS = {
    "opened": "opened the request",
    "notified": "told the people asked",
    "decided": "wrote the decision into the request",
    "settled": "settled the request",
    "escalated": "passed the request on",
    "closed": "closed the request",
}
RECORD_WORDS = {
    "request.commented": "commented",
    "request.vote_refused": "tried to answer and was refused",
    "request.close_refused": "tried to close it and was refused",
    "request.view_refused": "tried to open it and was refused",
    "request.form_tampered": "sent a form that was changed on its way",
    "request.told": "told people",
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


def history_of(request: ApprovalRequest, viewer: Viewer, delivery_key: str = "") -> list[Line]:
    """Return all lines that the person may see, oldest first. Refused attempts are for auditors and admins."""
    kind, key = name_of(request)
    about = Q(object_kind=kind, object_id=key)
    if delivery_key:
        about |= Q(object_kind="delivery", object_id=delivery_key)
    events = AuditEvent.objects.filter(about).exclude(action__in=TOLD_BY_THE_ITEM)
    if not may_audit(viewer):
        events = events.exclude(action__in=REFUSALS)
    lines = [from_record(event) for event in events.order_by("-id")[:MOST_LINES]]
    lines += [line for event in request.events if (line := from_item(event))]
    if not may_audit(viewer):
        lines = [replace(line, note=fault_for(False, line.note, [request])) if is_end(line) else line for line in lines]
    return sorted(lines, key=lambda line: line.at)


def is_end(line: Line) -> bool:
    """Whether the line says how the workflow settled the request."""
    return line.by_system and line.action == ITEM_WORDS["settled"]


def from_item(event: Any) -> Line | None:
    """Return the line of an item's event; one that has no readable time has no place in a history."""
    moment = moment_of(event.get("at")) if isinstance(event, dict) else None
    if moment is None:
        return None
    action, actor = str(event.get("action") or "noted"), str(event.get("actor") or "workflow")
    by_system = actor in {"workflow", "portal", "reconcile"}
    return Line(
        moment, actor, ITEM_WORDS.get(action, words(action).lower()), str(event.get("note") or ""),
        ICONS.get(action, "flow"), by_system,
    )  # fmt: skip


def from_record(event: AuditEvent) -> Line:
    """Return the line of a record's event."""
    verb = event.action.partition(".")[2]
    said, note = RECORD_WORDS.get(event.action, words(verb).lower()), event.summary
    if event.action == "request.voted":
        choice = str(event.data.get("choice") or "")
        said, note = f"answered: {words(choice).lower()}", note.removeprefix(choice).removeprefix(": ")
    if event.action == "request.decided":
        said, note = f"settled it here: {words(note.partition(' by ')[0]).lower()}", ""
    by_system = event.actor.startswith("system:")
    return Line(event.at, event.actor.removeprefix("system:"), said, note, ICONS.get(verb, "history"), by_system)

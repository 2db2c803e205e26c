"""What happened to a request: the item's own events and the portal's record, as one list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models import ApprovalRequest, AuditEvent, Vote
from approvals.models.audit import name_of
from approvals.models.mirror import RequestStatus
from approvals.policy import Viewer, may_audit
from approvals.web.details import Node, number_of
from approvals.web.endings import fault_for
from approvals.web.formats import in_sentence, moment_of, money, words
from approvals.web.history_notes import named_by, note_of
from approvals.web.history_told import Told, people_told, said_to_them, told_together
from approvals.web.item_notes import item_note, named_in
from approvals.web.names import names_of
from approvals.web.responses import answer_in, answer_shown
from approvals.web.terms import outcome_words

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
    "opened": gettext_lazy("opened the request"),
    "notified": gettext_lazy("told the people asked"),
    "decided": gettext_lazy("wrote the decision into the request"),
    "settled": gettext_lazy("settled the request"),
    "escalated": gettext_lazy("passed the request on"),
    "closed": gettext_lazy("closed the request"),
}
RECORD_WORDS = {
    "request.approver_added": gettext_lazy("asked somebody as well"),
    "request.reassigned": gettext_lazy("put it to somebody else"),
    "request.add_refused": gettext_lazy("tried to ask somebody as well and was refused"),
    "request.reassign_refused": gettext_lazy("tried to put it to somebody else and was refused"),
    "request.claimed": gettext_lazy("said to be on it"),
    "request.claim_refused": gettext_lazy("tried to claim it and was refused"),
    "request.commented": gettext_lazy("commented"),
    "request.released": gettext_lazy("ended a claim"),
    "request.release_refused": gettext_lazy("tried to end a claim and was refused"),
    "request.policy_fixed": gettext_lazy("put it under a policy"),
    "request.step_blocked": gettext_lazy("found nobody who can answer"),
    "request.step_due": gettext_lazy("noted that a step's time is over"),
    "request.step_escalated": gettext_lazy("asked others as well"),
    "request.step_expired": gettext_lazy("took no more answers"),
    "request.step_passed": gettext_lazy("passed a step"),
    "request.explain_refused": gettext_lazy("asked about somebody else's rights and was refused"),
    "request.nudged": gettext_lazy("sent a reminder"),
    "request.nudge_refused": gettext_lazy("tried to send a reminder and was refused"),
    "request.comment_edited": gettext_lazy("changed a comment"),
    "request.comment_refused": gettext_lazy("tried to comment and was refused"),
    "request.comment_edit_refused": gettext_lazy("tried to change a comment and was refused"),
    "request.vote_refused": gettext_lazy("tried to answer and was refused"),
    "request.close_refused": gettext_lazy("tried to close it and was refused"),
    "request.view_refused": gettext_lazy("tried to open it and was refused"),
    "request.orphaned": gettext_lazy("told the people who waited that nobody needs to answer"),
    "request.form_tampered": gettext_lazy("sent a form that was changed on its way"),
    "request.told": gettext_lazy("told people"),
    "request.unanswerable": gettext_lazy("found nobody who can answer"),
    "request.woken": gettext_lazy("woke the workflow at its deadline"),
    "delivery.written": gettext_lazy("wrote the decision to AWS"),
    "delivery.accepted": gettext_lazy("woke the workflow"),
    "delivery.lost": gettext_lazy("found another answer already there"),
    "delivery.stuck": gettext_lazy("could not deliver the decision"),
    "delivery.retrying": gettext_lazy("will try the delivery again"),
    "delivery.beating": gettext_lazy("told AWS that somebody is on it"),
    "delivery.retry_refused": gettext_lazy("tried to send it again and was refused"),
    "delivery.retried": gettext_lazy("sent the delivery on its way again"),
    "delivery.told": gettext_lazy("called an admin"),
}
# Parts of the product that item and record name as the one who acted.
PARTS = {
    "workflow": gettext_lazy("Workflow"),
    "portal": gettext_lazy("Portal"),
    "reconcile": gettext_lazy("Reconcile"),
    "approval-api": gettext_lazy("Approval api"),
    "worker": gettext_lazy("Worker"),
    "policy": gettext_lazy("Policy"),
    "mirror": gettext_lazy("Mirror"),
    "notifier": gettext_lazy("Notifier"),
    "outbox": gettext_lazy("Outbox"),
}
ICONS = {
    "decided": "check",
    "voted": "check",
    "commented": "comment",
    "settled": "lock",
    "opened": "inbox",
    "told": "bell",
}
# They stand in the discussion, each with what it said before.
SAID_THERE = frozenset({"request.commented", "request.comment_edited"})


@dataclass(frozen=True)
class Line:
    """One line of the history. ``actor`` is a username, or the part of the product when ``by_system``.

    ``action`` is what they did, in words that follow the name.
    """

    at: datetime
    actor: str
    action: str
    note: str
    icon: str
    by_system: bool
    answer: Node | None = None
    """The structured answer that the line tells of."""
    event: str = ""
    """The code of an item's own event."""
    recorded: str = ""
    """The note as the item has it."""
    for_whom: str = ""
    """The username of somebody who was away and whose answer it is."""
    comment: int | None = None
    """The comment that the line tells of, and that stands on the same page."""

    @property
    def part(self) -> str:
        """What the part of the product is called that acted."""
        return str(PARTS[self.actor]) if self.actor in PARTS else words(self.actor)


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
    recorded = list(reversed(events.order_by("-id")[:MOST_LINES]))
    notices = told_together(recorded)
    names = names_in(request, recorded, notices)
    lines = [from_record(event, given, names) for event in recorded if Told.of(event) is None]
    lines += [from_notices(group, names) for group in notices]
    lines += [line for event in request.events if (line := from_item(event, names))]
    lines = with_the_answer_from_elsewhere(request, lines)
    if not may_audit(viewer):
        lines = [without_the_fault(line, request) for line in lines]
    return sorted(lines, key=lambda line: line.at)


def names_in(
    request: ApprovalRequest, recorded: Iterable[AuditEvent], notices: Iterable[Sequence[Told]]
) -> dict[str, str]:
    """Return the full names of those whom the notes of the lines name, all by one question."""
    told = [name for group in notices for one in group for name in one.names]
    noted = [name for event in recorded for name in named_by(event)]
    items = (event for event in request.events if isinstance(event, dict))
    told_there = [name for event in items for name in named_in(str(event.get("action")), str(event.get("note") or ""))]
    return names_of([*told, *noted, *told_there])


def answers_on(request: ApprovalRequest) -> dict[str, Node]:
    """Return the structured answers that were given here, by username."""
    votes = Vote.objects.filter(request=request, response__isnull=False).values_list("voter__username", "response")
    return {voter: answer for voter, response in votes if (answer := answer_shown(request, response))}


def with_the_answer_from_elsewhere(request: ApprovalRequest, lines: list[Line]) -> list[Line]:
    """Put the answer that nobody gave here beside the item's own line about it."""
    answer = None if any(line.answer for line in lines) else answer_in(request)
    told = [number for number, line in enumerate(lines) if line.event in {"decided", "settled"}]
    if answer is None or not told:
        return lines
    return [replace(line, answer=answer) if number == told[0] else line for number, line in enumerate(lines)]


def without_the_fault(line: Line, request: ApprovalRequest) -> Line:
    """Leave out what was wrong where the line says how a request ended without people; that is for the office."""
    if not line.by_system or line.event not in {"settled", "closed"} or request.status != RequestStatus.ERROR:
        return line
    return replace(line, note=fault_for(False, line.recorded, [request]))


def from_item(event: Any, names: Mapping[str, str]) -> Line | None:
    """Return the line of an item's event; one that has no readable time has no place in a history."""
    moment = moment_of(event.get("at")) if isinstance(event, dict) else None
    if moment is None:
        return None
    action, actor = str(event.get("action") or "noted"), str(event.get("actor") or "workflow")
    by_system = actor in {"workflow", "portal", "reconcile", "approval-api"}
    said = str(ITEM_WORDS[action]) if action in ITEM_WORDS else in_sentence(words(action))
    note, icon = str(event.get("note") or ""), ICONS.get(action, "flow")
    told = item_note(action, note, names) if by_system or action == "decided" else note
    return Line(moment, actor, said, told, icon, by_system, event=action, recorded=note)


def from_record(event: AuditEvent, given: Mapping[str, Node], names: Mapping[str, str]) -> Line:
    """Return the line of a record's event; ``given`` has the structured answers by username."""
    verb = event.action.partition(".")[2]
    said = str(RECORD_WORDS[event.action]) if event.action in RECORD_WORDS else in_sentence(words(verb))
    note = note_of(event, names)
    if event.action == "request.voted":
        said = voted_words(event)
    if event.action == "request.decided":
        settled = outcome_words(event.summary.partition(" by ")[0])
        said, note = _("settled it here: {answer}").format(answer=settled), ""
    by_system = event.actor.startswith("system:")
    answer = given.get(event.actor) if event.action == "request.voted" else None
    icon = ICONS.get(verb, "history")
    stood_for, comment = str(event.data.get("for") or ""), None
    if event.action in SAID_THERE and isinstance(event.data.get("comment"), int):
        comment, note = event.data["comment"], ""
    actor = event.actor.removeprefix("system:")
    return Line(event.at, actor, said, note, icon, by_system, answer, for_whom=stood_for, comment=comment)


def from_notices(group: Sequence[Told], names: Mapping[str, str]) -> Line:
    """Return the one line of all who were told of the same event."""
    first = group[0].event
    actor = first.actor.removeprefix("system:")
    return Line(first.at, actor, people_told(group), said_to_them(group, names), ICONS["told"], by_system=True)


def people_in(history: Iterable[Line]) -> list[str]:
    """Return the usernames that the lines name."""
    return [name for line in history for name in (line.actor, line.for_whom) if name]


def voted_words(event: AuditEvent) -> str:
    """Return what somebody answered, with the amount where it allows less than was asked."""
    answer = outcome_words(str(event.data.get("choice") or ""))
    allowed, asked = number_of(event.data.get("allowed")), number_of(event.data.get("asked"))
    if allowed is None or asked is None or allowed == asked:
        return _("answered: {answer}").format(answer=answer)
    currency = str(event.data.get("currency") or "")
    said = _("answered: {answer}, {allowed} of {asked}")
    return said.format(answer=answer, allowed=money(allowed, currency), asked=money(asked, currency))

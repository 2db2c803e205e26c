"""The worker's telling: occasions that are due, a batch of people in each transaction."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from approvals.models import Actor, ApprovalRequest, AuditEvent, Decision, Notification, Occasion, Topic, User
from approvals.models.away import OVER
from approvals.models.notifying import ASKING
from approvals.notifying.claims import LEASE, MOST_ATTEMPTS, claim_due, move, wait_after
from approvals.notifying.letters import letters_for, wishes_of
from approvals.notifying.recipients import recipients
from approvals.notifying.schedule import due_now, occasions_ahead
from approvals.notifying.unanswerable import notice
from approvals.policy import Batch

log = logging.getLogger(__name__)

NOTIFIER = Actor.system("notifier")
AT_ONCE = 20
BATCH = 500
IDLE = 0.5
NAMED_ON_RECORD = 50
# How a line of the record begins; it goes on with who was told.
TOLD = {
    Topic.TURN: "Asked",
    Topic.REMINDER: "Reminded",
    Topic.OVER: "No longer needed",
    Topic.OUTCOME: "Told the outcome",
    Topic.COMMENT: "Told of a comment",
    Topic.OFFICE: "Called for an admin",
    Topic.AWAY: "Told who is away",
}


class Teller:
    """Tells what is due. Any number may work side by side."""

    def step(self, now: datetime | None = None) -> float:
        """Tell what is due; return the seconds until it is worth asking again. Raises when the database is away."""
        taken = claim_due(AT_ONCE, now)
        for occasion in taken:
            self._tell_safely(occasion, now)
        return 0 if taken else IDLE

    def _tell_safely(self, occasion: Occasion, now: datetime | None) -> None:
        try:
            tell(occasion, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            # One odd occasion must not hold up the others, nor end the worker again and again.
            log.exception("occasion %s broke", occasion.cause)
            _failed(occasion, type(error).__name__)


def tell(occasion: Occasion, now: datetime | None = None) -> None:
    """Tell everybody of an occasion that was claimed, batch after batch, until done or taken over."""
    about = ApprovalRequest.objects.filter(approval_id=occasion.subject).first() if _is_of_request(occasion) else None
    if about is not None and "mark" in occasion.data and not _is_still_due(occasion, about, now or timezone.now()):
        return
    while True:
        batch = recipients(occasion, about, BATCH)
        if not store(occasion, about, batch, now or timezone.now()) or batch.reached is None:
            return


def store(occasion: Occasion, request: ApprovalRequest | None, batch: Batch, now: datetime) -> bool:
    """Tell one batch in one transaction; False when there is nothing more to do.

    Who is asked for an answer is told under the request's lock: whatever closes it comes wholly before, and nobody
    is asked any more, or wholly after, and finds everybody who was asked.
    """
    with transaction.atomic():
        if request is not None and occasion.topic in ASKING and not _is_open(request, now):
            move(occasion, state=Occasion.State.DROPPED)
            return False
        is_last = batch.reached is None
        ahead = {"state": Occasion.State.TOLD} if is_last else {"reached": batch.reached, "due_at": now + LEASE}
        if not move(occasion, **ahead):
            log.warning("occasion %s was taken over", occasion.cause)
            return False
        told = _notify(occasion, request, batch, now)
        _note(occasion, told)
        if is_last and request is not None and occasion.topic == Topic.TURN:
            Occasion.objects.leave_all(occasions_ahead(request, now))
        if is_last and request is not None:
            notice(occasion, request, batch)
        return True


def _is_still_due(occasion: Occasion, request: ApprovalRequest, now: datetime) -> bool:
    """Whether a reminder is due as things are now; one that is not is put off or dropped."""
    at = due_now(occasion, request, now)
    if at is None:
        move(occasion, state=Occasion.State.DROPPED)
    elif at > now:
        move(occasion, due_at=at, attempts=0)
    return at is not None and at <= now


def _is_open(request: ApprovalRequest, now: datetime) -> bool:
    current = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    return current.is_pending and current.expires_at > now and not Decision.objects.filter(request=current).exists()


def _notify(occasion: Occasion, request: ApprovalRequest | None, batch: Batch, now: datetime) -> list[User]:
    """Make the notifications and letters; return who was told."""
    people = batch.people
    wishes = wishes_of(people)
    letters = letters_for(occasion, request, people, wishes, now)
    rows = [
        Notification(
            person=one, occasion=occasion, request=request, letter=letters.get(one.pk),
            in_app=wishes[one.pk].wants_in_app(occasion.topic), for_person=batch.stands_for.get(one.pk),
        )
        for one in people
    ]  # fmt: skip
    rows = [row for row in rows if row.in_app or row.letter]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    if occasion.topic == Topic.OVER and request is not None:
        Notification.objects.asking(request).filter(over_at=None).update(over_at=now)
    if occasion.topic == Topic.AWAY and occasion.data.get("what") == OVER and people:
        # What the deputy was asked meanwhile asks for nothing any more.
        person, deputy = (User.objects.get(username=occasion.data[name]) for name in ("person", "deputy"))
        Notification.objects.asked_for(person, deputy).update(over_at=now)
    return [row.person for row in rows]


def _note(occasion: Occasion, people: Sequence[User]) -> None:
    if not people:
        return
    names = [one.username for one in people]
    more = f" and {len(names) - NAMED_ON_RECORD} more" if len(names) > NAMED_ON_RECORD else ""
    summary = f"{TOLD[Topic(occasion.topic)]}: {', '.join(names[:NAMED_ON_RECORD])}{more}"
    AuditEvent.objects.record(
        NOTIFIER, f"{_kind(occasion)}.told", f"{_kind(occasion)}:{occasion.subject}", summary,
        topic=occasion.topic, count=len(names),
    )  # fmt: skip


def _kind(occasion: Occasion) -> str:
    """What the subject is, as the record calls it."""
    return str(occasion.data.get("of") or "request")


def _is_of_request(occasion: Occasion) -> bool:
    return _kind(occasion) == "request"


def _failed(occasion: Occasion, fault: str) -> None:
    if occasion.attempts < MOST_ATTEMPTS:
        move(occasion, due_at=timezone.now() + wait_after(occasion.attempts))
        return
    with transaction.atomic():
        if move(occasion, state=Occasion.State.STUCK):
            target = f"{_kind(occasion)}:{occasion.subject}"
            AuditEvent.objects.record(NOTIFIER, "occasion.stuck", target, f"{occasion.cause}: {fault}")

"""When people are reminded of a request, and when an admin is called because nothing closes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from approvals.models import ApprovalRequest, EffectivePolicy, Occasion, Topic
from approvals.models.terms import ON_DEADLINE, AtDeadline

# Who is asked for an answer within less is asked once: reminders would tread on each other's heels.
SHORTEST = timedelta(minutes=30)
# A workflow settles within seconds of its deadline; the worker wakes one that lost its timer after ten minutes.
OVERDUE_AFTER = timedelta(minutes=15)
OVERDUE = "overdue"


@dataclass(frozen=True)
class Reminder:
    """One moment at which a request is told of again. ``mark`` names it for good: each mark is told once."""

    mark: str
    at: datetime
    due: datetime
    """When the time of those who are reminded ends."""

    @property
    def topic(self) -> Topic:
        """Before the deadline those asked are reminded; behind it only an admin can help."""
        return Topic.OFFICE if self.mark == OVERDUE else Topic.REMINDER


def schedule(request: ApprovalRequest) -> list[Reminder]:
    """Return the moments in order: those of the policy version that it was opened under, else those of REMIND_AT.

    The one place that knows them. Nobody is reminded on the workflow's deadline or behind it: no answer is taken then.
    """
    effective = EffectivePolicy.objects.of(request) if request.waits_for_id is not None else None
    if effective is not None:
        effective.request = request
    found = _under(effective) if effective else _shares(request.created_at, request.expires_at)
    kept = sorted((one for one in found if one.at < request.expires_at), key=lambda one: one.at)
    return [*kept, Reminder(OVERDUE, request.expires_at + OVERDUE_AFTER, request.expires_at)]


def _under(effective: EffectivePolicy) -> Iterator[Reminder]:
    """Return the moments of the step under way. An escalation has a time, and so reminders, of its own."""
    if effective.state == EffectivePolicy.State.EXPIRED:
        return
    request, remind = effective.request, effective.terms.remind
    began, ends = effective.span
    has_own = ends < request.expires_at
    if remind is not None:
        for minutes in remind:
            at = ends + timedelta(minutes=minutes)
            if began < at < ends:
                yield Reminder(effective.mark(minutes), at, ends)
    elif has_own:
        for one in _shares(began, ends):
            yield Reminder(effective.mark(one.mark), one.at, ends)
    else:
        yield from _shares(request.created_at, request.expires_at)
    if has_own and effective.state == EffectivePolicy.State.OPEN and effective.terms.at_deadline == AtDeadline.REMIND:
        yield from _while_open(effective, ends)


def _while_open(effective: EffectivePolicy, ends: datetime) -> Iterator[Reminder]:
    """Return the moments on the deadline of a step that stays open, and behind it."""
    request, remind = effective.request, effective.terms.remind
    yield Reminder(effective.mark(ON_DEADLINE), ends, ends)
    if remind is None:
        yield from (one for one in _shares(request.created_at, request.expires_at) if one.at > ends)
        return
    for minutes in remind:
        if minutes > ON_DEADLINE:
            yield Reminder(effective.mark(minutes), ends + timedelta(minutes=minutes), ends)


def _shares(began: datetime, ends: datetime) -> list[Reminder]:
    whole = ends - began
    shares = settings.REMIND_AT if whole >= SHORTEST else ()
    return [Reminder(f"{percent}%", began + whole * percent / 100, ends) for percent in shares]


def occasions_ahead(request: ApprovalRequest, now: datetime) -> list[Occasion]:
    """Return the occasions of the moments that are still to come."""
    return [
        Occasion.objects.line(
            one.topic, request.approval_id, cause=f"{request.approval_id}:{one.mark}", due_at=one.at, mark=one.mark,
            **({"due": one.due.isoformat()} if one.due < request.expires_at else {}),
        )
        for one in schedule(request)
        if one.at > now
    ]  # fmt: skip


def due_now(occasion: Occasion, request: ApprovalRequest, now: datetime) -> datetime | None:
    """Return when this reminder is due as things are now: not after ``now`` if it is. None: not any more.

    The deadline may have moved since, the schedule may have changed, and after an outage of the worker the later
    reminder alone is enough.
    """
    planned = {one.mark: one.at for one in schedule(request)}
    mark = str(occasion.data.get("mark"))
    if mark not in planned or not request.is_pending:
        return None
    at = planned[mark]
    overtaken = any(other != OVERDUE and at < later <= now for other, later in planned.items())
    return None if mark != OVERDUE and overtaken else at

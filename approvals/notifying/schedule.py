"""When people are reminded of a request, and when an admin is called because nothing closes it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from approvals.models import ApprovalRequest, Occasion, Topic

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

    @property
    def topic(self) -> Topic:
        """Before the deadline those asked are reminded; behind it only an admin can help."""
        return Topic.OFFICE if self.mark == OVERDUE else Topic.REMINDER


def schedule(request: ApprovalRequest) -> list[Reminder]:
    """Return the moments in order.

    The one place that knows them: a policy that brings its own schedule answers here, by the same marks.
    """
    whole = request.expires_at - request.created_at
    marks = settings.REMIND_AT if whole >= SHORTEST else ()
    before = [Reminder(f"{percent}%", request.created_at + whole * percent / 100) for percent in marks]
    return [*before, Reminder(OVERDUE, request.expires_at + OVERDUE_AFTER)]


def occasions_ahead(request: ApprovalRequest, now: datetime) -> list[Occasion]:
    """Return the occasions of the moments that are still to come."""
    return [
        Occasion.objects.line(
            one.topic, request.approval_id, cause=f"{request.approval_id}:{one.mark}", due_at=one.at, mark=one.mark
        )
        for one in schedule(request)
        if one.at > now
    ]


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

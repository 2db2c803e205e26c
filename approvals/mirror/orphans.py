"""Requests that outlived their run: whoever waited is told that nobody needs to decide any more."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from approvals.mirror.observe import OBSERVER, Known
from approvals.mirror.rows import Row
from approvals.models import ApprovalRequest, AuditEvent, Mail, User

if TYPE_CHECKING:
    from approvals.mirror.tables import MirrorTable

# A portal that meets a closed request for the first time tells of it only if it is fresh: a mirror that is rebuilt
# from nothing must not write to people about last year.
FRESH = timedelta(days=1)
MOST_NAMED = 5
NO_MAIL = "No mail server is set (MAIL_URL)."
NO_ADDRESS = "The account has no e-mail address."


def leave_word(table: "MirrorTable", newer: Sequence[Row], known: Mapping[str, Known]) -> None:
    """Leave an e-mail for each person who waited for a request that was closed because its run had ended.

    In the transaction that mirrors the closing, so once for each request, whatever is heard twice or dies meanwhile.
    """
    if table.model is not ApprovalRequest:
        return
    before = {row.key: known.get(row.key) for row in newer if row.status == "error"}
    for request in ApprovalRequest.objects.filter(approval_id__in=list(before)):
        if request.orphaned and _is_news(request, before[request.approval_id]):
            _leave(request)


def _is_news(request: ApprovalRequest, before: Known | None) -> bool:
    if before is not None:
        return before.status == "pending"
    return request.settled_at is not None and request.settled_at > timezone.now() - FRESH


def _leave(request: ApprovalRequest) -> None:
    people = those_waiting(request)
    Mail.objects.bulk_create([_mail(request, person) for person in people], ignore_conflicts=True)
    names = [person.username for person in people]
    told = f"{request.orphaned}. Told: {', '.join(names[:MOST_NAMED]) or 'nobody here'}"
    told += f" and {len(names) - MOST_NAMED} more." if len(names) > MOST_NAMED else "."
    AuditEvent.objects.record(OBSERVER, "request.orphaned", request, told, told=names)


def those_waiting(request: ApprovalRequest) -> list[User]:
    """Return the requester and everybody who was asked and might have answered, each once."""
    groups, users = (_names(request.policy.get(name)) for name in ("groups", "users"))
    excluded = {name.casefold() for name in _names(request.policy.get("exclude"))}
    asked = User.objects.filter(Q(username__in=[*users, request.requester]) | Q(groups__name__in=groups))
    return [
        person
        for person in asked.filter(is_active=True).distinct().order_by("pk")
        if person.username == request.requester or person.username.casefold() not in excluded
    ]


def _names(listed: object) -> list[str]:
    return [str(name) for name in listed] if isinstance(listed, list) else []


def _mail(request: ApprovalRequest, person: User) -> Mail:
    """Leave it queued, or at its end at once where it cannot be sent: the pages tell the person all the same."""
    why_not = "" if settings.MAIL_URL else NO_MAIL
    why_not = why_not or ("" if person.email else NO_ADDRESS)
    now = timezone.now()
    return Mail(
        kind=Mail.Kind.ORPHANED,
        request=request,
        recipient=person,
        state=Mail.State.UNSENT if why_not else Mail.State.QUEUED,
        error=why_not,
        next_try_at=now,
        created_at=now,
        finished_at=now if why_not else None,
    )

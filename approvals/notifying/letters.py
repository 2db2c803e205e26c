"""The letters of a batch: one each at once, or everybody's digest of the day."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from approvals.models import ApprovalRequest, Letter, Notification, NotificationPreferences, Occasion, Topic, User
from approvals.models.clock import zone_of
from approvals.models.notifying import ASKING
from approvals.notifying.hours import letter_time


def wishes_of(people: Sequence[User]) -> dict[int, NotificationPreferences]:
    """Return what each of them wants; those who never said anything want everything."""
    said = {one.person_id: one for one in NotificationPreferences.objects.filter(person__in=people)}
    return {one.pk: said.get(one.pk) or NotificationPreferences(person=one) for one in people}


def letters_for(
    occasion: Occasion,
    request: ApprovalRequest | None,
    people: Sequence[User],
    wishes: dict[int, NotificationPreferences],
    now: datetime,
) -> dict[int, Letter]:
    """Store and return the letters of those who want one, by person. In the transaction that tells them."""
    if not settings.SENDS_EMAIL:
        return {}
    wanting = [one for one in people if one.email and wishes[one.pk].wants_by_email(occasion.topic)]
    if occasion.topic == Topic.OVER and request is not None:
        written_to = _written_to(request, wanting)
        wanting = [one for one in wanting if one.pk in written_to]
    deadline = request.answer_by if request and occasion.topic in ASKING else None
    drafts = [_draft(occasion, one, wishes[one.pk], now, deadline) for one in wanting]
    stored = _stored(drafts)
    # A digest that somebody began to send meanwhile takes no more: these go with the next.
    late = [one for one in drafts if one.key not in stored]
    again = [_draft(occasion, one.person, wishes[one.person_id], one.next_try_at, deadline) for one in late]
    stored |= _stored(again)
    return {one.person_id: one for one in stored.values()}


def _written_to(request: ApprovalRequest, people: Sequence[User]) -> set[int]:
    """Those to whom a letter that asked for their answer went, or is just going: only they need to hear of the end."""
    asked = Notification.objects.asking(request).filter(person__in=people, letter__attempts__gt=0)
    return set(asked.exclude(letter__state=Letter.State.DROPPED).values_list("person_id", flat=True))


def _draft(
    occasion: Occasion, person: User, wishes: NotificationPreferences, now: datetime, deadline: datetime | None
) -> Letter:
    at, is_digest = letter_time(wishes, zone_of(person), now, deadline)
    key = f"digest:{person.pk}:{at:%Y%m%dT%H%M%SZ}" if is_digest else f"notice:{occasion.pk}:{person.pk}"
    return Letter(key=key, person=person, is_digest=is_digest, next_try_at=at)


def _stored(drafts: Sequence[Letter]) -> dict[str, Letter]:
    """Return the letters of these keys that nobody has begun to send, locked; those that are missing are made."""
    if not drafts:
        return {}
    Letter.objects.bulk_create(drafts, ignore_conflicts=True)
    unbegun = Letter.objects.waiting().filter(key__in=[one.key for one in drafts], attempts=0)
    return {one.key: one for one in unbegun.order_by("pk").select_for_update()}

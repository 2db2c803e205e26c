"""Taking up letters that are due, and storing what became of them: a lease by compare-and-set, as for deliveries."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from approvals.models import Actor, AuditEvent, Letter

log = logging.getLogger(__name__)

POSTMAN = Actor.system("postman")
# A batch of letters, each with the server's timeouts used up (portal.environment.mail_server), and some more.
LEASE = timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0
# About half a day of refusals; then a person looks.
MOST_ATTEMPTS = 16


@dataclass(frozen=True)
class Outcome:
    """What became of one try: sent, dropped, or a fault that passes or stays."""

    letter: Letter
    state: Letter.State
    fault: str = ""


def claim_due(most: int, now: datetime | None = None) -> list[Letter]:
    """Take up to ``most`` letters that are due, oldest first; each is ours until its ``next_try_at``."""
    now = now or timezone.now()
    due = Letter.objects.waiting().filter(next_try_at__lte=now).order_by("next_try_at", "id")
    if not due.exists():
        return []  # Spares SQLite's write lock while there is nothing to do.
    with transaction.atomic():
        # On SQLite the transaction itself is the lock.
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        taken = list(due.select_related("person")[:most])
        leased_until = now + LEASE
        Letter.objects.filter(pk__in=[one.pk for one in taken]).update(
            next_try_at=leased_until, attempts=F("attempts") + 1
        )
    for letter in taken:
        letter.next_try_at, letter.attempts = leased_until, letter.attempts + 1
    return taken


def settle(outcome: Outcome) -> None:
    """Store what became of a letter whose lease still holds; one that somebody took over is left to them."""
    letter, now = outcome.letter, timezone.now()
    changes: dict[str, object] = {"state": outcome.state, "error": outcome.fault[:2000], "finished_at": now}
    if outcome.state == Letter.State.QUEUED:
        if letter.attempts >= MOST_ATTEMPTS:
            changes["state"] = Letter.State.STUCK
        else:
            changes |= {"next_try_at": now + wait_after(letter.attempts), "finished_at": None}
    with transaction.atomic():
        if not _held(letter).update(**changes):
            log.warning("letter %s was taken over", letter.key)
            return
        if changes["state"] == Letter.State.STUCK:
            AuditEvent.objects.record(POSTMAN, "letter.stuck", letter, outcome.fault, to=letter.person.username)
    log.info("letter %s: %s", letter.key, changes["state"], extra={"attempts": letter.attempts})


def give_back(letters: Sequence[Letter], pause: timedelta) -> None:
    """Return letters that were not begun because the mail server is away, for a try after the pause."""
    for letter in letters:
        _held(letter).update(attempts=F("attempts") - 1, next_try_at=timezone.now() + pause)


def _held(letter: Letter) -> QuerySet[Letter]:
    # The lease's end is the fence: a worker that slept through it finds another one here.
    return Letter.objects.waiting().filter(pk=letter.pk, next_try_at=letter.next_try_at, attempts=letter.attempts)


def wait_after(attempts: int) -> timedelta:
    """Return the pause after so many tries: 30 seconds, 1, 2, 4 … 60 minutes, the later half of it at random."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 16))
    return timedelta(seconds=random.uniform(longest / 2, longest))  # noqa: S311 (jitter, not a secret)

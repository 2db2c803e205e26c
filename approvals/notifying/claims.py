"""Taking up occasions: a lease by compare-and-set, so that any number of workers may race."""

import random
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from approvals.models import Occasion

# Longer than a batch of people takes; each batch renews it.
LEASE = timedelta(seconds=60)
# An occasion that breaks the code so often waits for an admin; the others go on.
MOST_ATTEMPTS = 6
LONGEST_WAIT = 300.0


def claim_due(most: int, now: datetime | None = None) -> list[Occasion]:
    """Take up to ``most`` occasions that are due, oldest first; each is ours until its ``due_at``."""
    now = now or timezone.now()
    if not Occasion.objects.due(now).exists():
        return []  # Spares SQLite's write lock while there is nothing to do.
    with transaction.atomic():
        due = Occasion.objects.due(now)
        # On SQLite the transaction itself is the lock.
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        taken = list(due[:most])
        leased_until = now + LEASE
        keys = [one.pk for one in taken]
        Occasion.objects.filter(pk__in=keys).update(due_at=leased_until, attempts=F("attempts") + 1)
    for one in taken:
        one.due_at, one.attempts = leased_until, one.attempts + 1
    return taken


def move(occasion: Occasion, **changes: object) -> bool:
    """Change an occasion whose lease still holds; False when somebody took it over, and nothing changes."""
    held = Occasion.objects.filter(
        pk=occasion.pk, state=Occasion.State.WAITING, due_at=occasion.due_at, attempts=occasion.attempts
    )
    if not held.update(**changes):
        return False
    for name, value in changes.items():
        setattr(occasion, name, value)
    return True


def wait_after(attempts: int) -> timedelta:
    """Return the pause after so many tries that failed: 2, 4, 8 … 300 seconds, the later half of it at random."""
    longest = min(LONGEST_WAIT, 2.0 ** min(attempts, 16))
    return timedelta(seconds=random.uniform(longest / 2, longest))  # noqa: S311 (jitter, not a secret)

"""What was told long ago goes: notifications that were read or are over, their e-mails, and what they were about.

The record keeps who was told of what. A row goes only when nothing can ask for it any more: as long as a request is
open, its notifications say who need not be told again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from approvals.models import Actor, ApprovalRequest, AuditEvent, Letter, Notification, Occasion
from approvals.models.mirror import RequestStatus

log = logging.getLogger(__name__)

PRUNER = Actor.system("pruner")
# Rows that are looked at in one step, in the order of their ids: short locks, and no index of its own.
AT_ONCE = 500
EVERY = 3600.0


def _notifications() -> QuerySet[Notification]:
    done = Q(read_at__isnull=False) | Q(over_at__isnull=False) | Q(in_app=False)
    under_way = Q(letter__state=Letter.State.QUEUED) | Q(letter__state=Letter.State.STUCK)
    return Notification.objects.filter(done).exclude(request__status=RequestStatus.PENDING).exclude(under_way)


def _letters() -> QuerySet[Letter]:
    ended = Letter.objects.filter(state__in=(Letter.State.SENT, Letter.State.DROPPED))
    return ended.filter(~Exists(Notification.objects.filter(letter=OuterRef("pk"))))


def _occasions() -> QuerySet[Occasion]:
    ended = Occasion.objects.filter(state__in=(Occasion.State.TOLD, Occasion.State.DROPPED))
    is_open = ApprovalRequest.objects.filter(approval_id=OuterRef("subject"), status=RequestStatus.PENDING)
    return ended.filter(~Exists(Notification.objects.filter(occasion=OuterRef("pk"))), ~Exists(is_open))


@dataclass
class _Sweep:
    """One table, from its oldest row on. ``reached`` is the last one looked at in this round."""

    model: type[Model]
    done_with: Callable[[], QuerySet[Model]]
    reached: int = 0
    gone: int = 0

    def step(self, before: datetime) -> bool:
        """Look at some rows and delete those that are done with; False when all that are old enough were looked at."""
        some = self.model._default_manager.filter(pk__gt=self.reached).order_by("pk").values_list("pk", "created_at")
        # By their ids, not by their times: behind the first that is too young there are only younger ones.
        listed = list(some[:AT_ONCE])
        old = [pk for pk, created_at in listed if created_at < before]
        if old:
            self.gone += self.done_with().filter(pk__in=old).delete()[0]
            self.reached = old[-1]
        return len(old) == AT_ONCE


def _sweeps() -> list[_Sweep]:
    return [_Sweep(Notification, _notifications), _Sweep(Letter, _letters), _Sweep(Occasion, _occasions)]


@dataclass
class Pruner:
    """Goes through the three tables, in small steps; any number may. Notifications first: others hang on them."""

    _sweeps: list[_Sweep] = field(default_factory=_sweeps)

    def step(self) -> float:
        """Do one step; return the seconds until the next. Raises when the database is away."""
        days = settings.NOTIFICATIONS_KEPT_DAYS
        if not days:
            return EVERY
        before = timezone.now() - timedelta(days=days)
        if any(sweep.step(before) for sweep in self._sweeps):
            return 0
        self._tell(days)
        self._sweeps = _sweeps()
        return EVERY

    def _tell(self, days: int) -> None:
        gone = {sweep.model._meta.verbose_name_plural: sweep.gone for sweep in self._sweeps if sweep.gone}
        if gone:
            told = ", ".join(f"{many:,} {name}" for name, many in gone.items())
            AuditEvent.objects.record(PRUNER, "notifications.pruned", "notifications:old", told, days=days)
            log.info("pruned %s", told)

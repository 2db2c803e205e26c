"""The worker's sign of life in the database, for the portal's banner, the admin and /readyz."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from approvals.delivery.backoff import DELAYED_AFTER
from approvals.models import Delivery, Letter, Pulse
from approvals.models.pulse import AWS, MAIL, MIRROR, OUTBOX
from approvals.worker.mirroring import Mirroring
from approvals.worker.patience import Patience

EVERY = 10.0


@dataclass
class Sign:
    """What is written of one part."""

    worked_at: datetime | None
    failing_since: datetime | None
    fault: str
    detail: dict[str, Any] = field(default_factory=dict)


def write_pulse(mirroring: Mirroring, mirror: Patience, outbox: Patience, mail: Patience | None = None) -> None:
    """Write how mirror, outbox, AWS and, where any is sent, mail do; of several workers the last wins.

    Raises database errors.
    """
    now = timezone.now()
    signs = _signs(mirroring, mirror, outbox)
    if mail is not None and settings.SENDS_EMAIL:
        signs[MAIL] = Sign(*mail.standing, {"stuck": Letter.objects.stuck().count()})
    for name, sign in signs.items():
        seen = {"seen": now.isoformat(), **sign.detail}
        values = {"failing_since": sign.failing_since, "fault": sign.fault[:500], "detail": seen}
        if sign.worked_at:
            values["at"] = sign.worked_at
        Pulse.objects.update_or_create(name=name, defaults=values, create_defaults={"at": now, **values})


def _signs(mirroring: Mirroring, mirror: Patience, outbox: Patience) -> dict[str, Sign]:
    reached = {"reached": mirroring.reached.isoformat()} if mirroring.reached else {}
    mirror_sign = Sign(*mirror.standing, reached)
    outbox_sign = Sign(*outbox.standing, _backlog())
    if not outbox_sign.failing_since:
        outbox_sign.failing_since, outbox_sign.fault = _delayed()
    failing = [sign for sign in (mirror_sign, outbox_sign) if sign.failing_since]
    worked = max((sign.worked_at for sign in (mirror_sign, outbox_sign) if sign.worked_at), default=None)
    first = min(failing, key=lambda sign: sign.failing_since or timezone.now(), default=None)
    aws = Sign(worked, first.failing_since if first else None, first.fault if first else "")
    return {MIRROR: mirror_sign, OUTBOX: outbox_sign, AWS: aws}


def _backlog() -> dict[str, Any]:
    return {
        "waiting": Delivery.objects.waiting().count(),
        "delayed": Delivery.objects.waiting().filter(attempts__gte=DELAYED_AFTER).count(),
        "stuck": Delivery.objects.stuck().count(),
    }


def _delayed() -> tuple[datetime | None, str]:
    """Since when, and why, the oldest delayed delivery waits."""
    delayed = Delivery.objects.waiting().filter(attempts__gte=DELAYED_AFTER).order_by("created_at").first()
    return (delayed.created_at, delayed.error) if delayed else (None, "")

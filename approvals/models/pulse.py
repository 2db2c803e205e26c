"""Questions to the pulse: what does not work at the moment, in sentences for people."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from approvals.models.outbox import Pulse

# The worker writes every ten seconds.
SILENT_AFTER = timedelta(seconds=60)
MIRROR, OUTBOX, AWS, MAIL = "mirror", "outbox", "aws", "mail"
PARTS = (MIRROR, OUTBOX, AWS, MAIL)


class PulseQuerySet(models.QuerySet["Pulse"]):
    """Questions about the worker's parts."""

    def of_parts(self) -> Self:
        """The pulses of what this version of the worker does."""
        return self.filter(name__in=PARTS)

    def trouble(self) -> list[str]:
        """Return what people should know, most important first; empty while all is well."""
        pulses = {pulse.name: pulse for pulse in self}
        silent_since = timezone.now() - SILENT_AFTER
        alive = [pulse for pulse in pulses.values() if pulse.seen_at >= silent_since]
        if not alive:
            return ["The worker is silent. Decisions are kept and sent when it is back; what you see may be old."]
        failing = {pulse.name for pulse in alive if pulse.failing_since}
        told = []
        if AWS in failing:
            told.append(f"AWS does not answer{_since(pulses[AWS])}. Decisions are kept and sent when it is back.")
        if MIRROR in failing:
            told.append(f"Changes arrive late{_since(pulses[MIRROR])}; what you see may be old.")
        if OUTBOX in failing and AWS not in failing:
            told.append(f"Decisions are sent late{_since(pulses[OUTBOX])}. They are kept.")
        if OUTBOX in pulses and pulses[OUTBOX].detail.get("stuck"):
            told.append("Some deliveries are stuck and wait for an admin.")
        if MAIL in failing:
            told.append(f"E-mail is late{_since(pulses[MAIL])}. It is kept; notifications here are up to date.")
        return told

    def mirror_lag(self, *, is_empty: bool) -> float | None:
        """Return how many seconds the mirror is behind; None where no worker has ever said.

        ``is_empty``: nothing waits in the queue, so nothing can be missing.
        """
        if is_empty:
            return 0.0
        pulse = self.filter(name=MIRROR).first()
        reached = pulse.detail.get("reached") if pulse else None
        if not reached:
            return None
        return max(0.0, (timezone.now() - datetime.fromisoformat(reached)).total_seconds())


def _since(pulse: "Pulse") -> str:
    return f" since {timezone.localtime(pulse.failing_since):%H:%M}" if pulse.failing_since else ""

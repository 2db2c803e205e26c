"""How long an answer takes as a rule, from the requests of the same kind that were settled lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest
from approvals.web.formats import how_long

WINDOW = timedelta(days=90)
LEAST = 10
MOST = 500
KEPT_SECONDS = 600


@dataclass(frozen=True)
class Expected:
    """Half were settled within ``median``, four in five within ``most``; ``count`` of them in the last 90 days.

    Those that nobody answered in time count with all the time they waited: leaving them out would flatter.
    """

    median: timedelta
    most: timedelta
    count: int

    @property
    def sentence(self) -> str:
        """What people read."""
        half, most = how_long(self.median), how_long(self.most)
        if half == most:
            return _("As a rule settled within {most}.").format(most=most)
        return _("Half are settled within {half}, four in five within {most}.").format(half=half, most=most)


def expected_for(request: ApprovalRequest) -> Expected | None:
    """Return what to expect for this request, or None with too little to go by.

    By the same people asked and as many needed, where enough of those were settled; else by the workflow's stage.
    Reads at most the newest 500 of the stage, along an index, once in ten minutes.
    """
    key = f"expected:{request.workflow}:{request.stage}"
    times: list[tuple[float, str]] | None = cache.get(key)
    if times is None:
        times = _times(request)
        cache.set(key, times, KEPT_SECONDS)
    same = [seconds for seconds, terms in times if terms == _terms(request.audience_id, request.required)]
    return expected_of(same) or expected_of([seconds for seconds, _terms_of_it in times])


def _times(request: ApprovalRequest) -> list[tuple[float, str]]:
    settled = ApprovalRequest.objects.settled_at_stage(request.workflow, request.stage)
    rows = settled.filter(settled_at__gte=timezone.now() - WINDOW, status__in=("approved", "rejected", "timeout"))
    return [
        ((one.settled_at - one.created_at).total_seconds(), _terms(one.audience_id, one.required))
        for one in rows.only("created_at", "settled_at", "audience_id", "policy")[:MOST]
        if one.settled_at
    ]


def _terms(audience: int | None, required: int) -> str:
    return f"{audience}/{required}"


def expected_of(seconds: Sequence[float]) -> Expected | None:
    """Return median and 80th percentile by the nearest rank, or None below ten."""
    if len(seconds) < LEAST:
        return None
    ordered = sorted(seconds)
    half, most = (ordered[-(-len(ordered) * part // 100) - 1] for part in (50, 80))
    return Expected(timedelta(seconds=half), timedelta(seconds=most), len(ordered))

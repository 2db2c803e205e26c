"""How long an answer takes as a rule, from the requests of the same kind that were settled lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, PolicyVersion
from approvals.web.formats import how_long
from approvals.web.learned import KEPT_SECONDS, until

WINDOW = timedelta(days=90)
LEAST = 10
MOST = 500


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


@dataclass(frozen=True)
class Settled:
    """How long one settled request took, and under what."""

    seconds: float
    terms: str
    version: int | None
    """The version of the policy that it was opened under; None for the workflow's own terms."""


def expected_for(request: ApprovalRequest) -> Expected | None:
    """Return what to expect for this request, or None with too little to go by.

    Under a policy, by its version, or else by the versions that ask for as many answers. Without one, by the same
    people asked and as many needed, or else by all of the stage that had none. Reads at most the newest 500 of the
    stage, along an index, once in five minutes.
    """
    before = until()
    key = f"expected-time:{request.workflow}:{request.stage}:{before:%H%M}"
    times: list[Settled] | None = cache.get(key)
    if times is None:
        times = _times(request, before)
        cache.set(key, times, KEPT_SECONDS)
    effective = getattr(request, "effective", None)
    if effective is not None and effective.version is not None:
        version = effective.version
        same = [one.seconds for one in times if one.version == version.pk]
        return expected_of(same) or _of_like_versions(times, version)
    own = [one for one in times if one.version is None]
    same = [one.seconds for one in own if one.terms == _terms(request.audience_id, request.required)]
    return expected_of(same) or expected_of([one.seconds for one in own])


def _of_like_versions(times: Sequence[Settled], version: PolicyVersion) -> Expected | None:
    versions = PolicyVersion.objects.filter(policy=version.policy_id, pk__in={one.version for one in times})
    like = {one.pk for one in versions if _answers(one) == _answers(version)}
    return expected_of([one.seconds for one in times if one.version in like])


def _answers(version: PolicyVersion) -> list[tuple[str, int]]:
    """How many answers each step needs."""
    return [(step.needed, step.count) for step in version.terms.steps]


def _times(request: ApprovalRequest, before: datetime) -> list[Settled]:
    settled = ApprovalRequest.objects.settled_at_stage(request.workflow, request.stage)
    lately = settled.filter(settled_at__gte=before - WINDOW, settled_at__lt=before)
    rows = lately.filter(status__in=("approved", "rejected", "timeout"))
    read = rows.only("created_at", "settled_at", "audience_id", "policy", "effective__version_id")
    return [
        Settled(
            (one.settled_at - one.created_at).total_seconds(),
            _terms(one.audience_id, one.required),
            one.effective.version_id if hasattr(one, "effective") else None,
        )
        for one in read.select_related("effective")[:MOST]
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

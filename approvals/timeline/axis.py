"""A time axis on which a wait of three days does not squash steps of a fifth of a second: long idle gaps are folded."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

# A stretch without any start or end is folded when it is this much longer than all shorter ones together.
MUCH_LONGER = 3
SHORTEST_FOLD = timedelta(seconds=1)
# Percent of the width that folded gaps take: each, and all together.
GAP_WIDTH = 16.0
GAPS_AT_MOST = 62.0
WHOLE = 100.0


@dataclass(frozen=True)
class Gap:
    """A folded stretch of time, and where it lies, in percent of the width."""

    started: datetime
    ended: datetime
    x: float
    width: float

    @property
    def length(self) -> timedelta:
        """How long it is in truth."""
        return self.ended - self.started


@dataclass(frozen=True)
class Axis:
    """Moments to places. ``knots`` are moments in order, ``places`` theirs in percent; between them it is linear."""

    knots: Sequence[datetime]
    places: Sequence[float]
    gaps: Sequence[Gap]

    def x(self, moment: datetime) -> float:
        """Where a moment lies, 0 to 100."""
        at = bisect_right(self.knots, moment)
        if at == 0:
            return 0.0
        if at == len(self.knots):
            return WHOLE
        before, after = self.knots[at - 1], self.knots[at]
        share = (moment - before) / (after - before)
        return self.places[at - 1] + share * (self.places[at] - self.places[at - 1])


def axis_of(moments: Iterable[datetime]) -> Axis:
    """Return the axis for everything that starts or ends at these moments."""
    knots = sorted(set(moments))
    if len(knots) < 2:  # noqa: PLR2004 (a stretch has two ends)
        return Axis(knots, [0.0] * len(knots), [])
    lengths = [after - before for before, after in pairwise(knots)]
    least = _least_fold(lengths)
    folded = [least is not None and length >= least for length in lengths]
    gap = min(GAP_WIDTH, GAPS_AT_MOST / max(1, sum(folded)))
    # Never zero: the shortest stretch is not folded.
    worked = sum((length for length, is_fold in zip(lengths, folded, strict=True) if not is_fold), timedelta())
    left = WHOLE - gap * sum(folded)
    places, gaps = [0.0], []
    for place, (length, is_fold) in enumerate(zip(lengths, folded, strict=True)):
        width = gap if is_fold else left * (length / worked)
        if is_fold:
            gaps.append(Gap(knots[place], knots[place + 1], places[-1], width))
        places.append(min(WHOLE, places[-1] + width))
    places[-1] = WHOLE
    return Axis(knots, places, gaps)


def _least_fold(lengths: Sequence[timedelta]) -> timedelta | None:
    """The shortest stretch that is folded: from there on, each is much longer than all that stay."""
    stays = timedelta()
    for length in sorted(lengths):
        if length >= SHORTEST_FOLD and stays and length > MUCH_LONGER * stays:
            return length
        stays += length
    return None

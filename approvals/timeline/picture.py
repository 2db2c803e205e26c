"""Operations as rows with bars: where each lies on the axis, what is inside it, and what is left out for length."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from approvals.timeline.axis import WHOLE, Axis, axis_of
from approvals.timeline.story import Attempt, Operation, State, Story

# Percent of the width that even an instant gets, to be seen.
THINNEST = 0.8
# Rows that are shown at first: in one context, and in all.
IN_CONTEXT = 20
IN_ALL = 150
# Contexts of branches stand open while they have so few.
FEW_BRANCHES = 8
BRANCHING = frozenset({"Parallel", "Map"})
TROUBLE = frozenset({State.FAILED, State.TIMED_OUT, State.STOPPED})


@dataclass(frozen=True)
class Bar:
    """A rectangle on the axis, in percent. ``look``: done, open, failed, pause, ran."""

    x: float
    width: float
    look: str


@dataclass
class Row:
    """One operation in the picture. ``left_out`` counts operations inside it that are not shown."""

    operation: Operation
    number: int
    bars: list[Bar] = field(default_factory=list)
    children: list["Row"] = field(default_factory=list)
    left_out: int = 0
    # The most attempts that anything in it took.
    tries: int = 1

    @property
    def is_unfolded(self) -> bool:
        """Whether what is inside is shown without a click: branches while they are few."""
        return self.operation.sub in BRANCHING and len(self.children) <= FEW_BRANCHES and not self.left_out


@dataclass(frozen=True)
class Picture:
    """The whole chart. ``until`` is its right edge: the end, or now."""

    story: Story
    axis: Axis
    rows: list[Row]
    invocations: list[Bar]
    started: datetime
    until: datetime
    left_out: int

    @property
    def total(self) -> int:
        """How many operations there are."""
        return len(self.story.operations)


def picture_of(story: Story, now: datetime, *, everything: bool = False) -> Picture | None:
    """Return the chart of an execution; None while nothing is known of it."""
    started = story.started or min((one.started for one in story.operations), default=None)
    if started is None:
        return None
    until = max(started, story.ended or now)
    axis = axis_of(_moments(story, started, until))
    inside: dict[int | None, list[int]] = {}
    for place, operation in enumerate(story.operations):
        inside.setdefault(operation.parent, []).append(place)
    drawing = _Drawing(story, axis, until, inside, IN_CONTEXT if not everything else len(story.operations))
    shown = IN_ALL if not everything else len(story.operations)
    top, left_out = drawing.chosen(inside.get(None, []), shown)
    ran = [drawing.bar(one.started, one.ended, "failed" if one.error else "ran") for one in story.invocations]
    return Picture(story, axis, [drawing.row(place) for place in top], ran, started, until, left_out)


@dataclass
class _Drawing:
    story: Story
    axis: Axis
    until: datetime
    inside: dict[int | None, list[int]]
    in_context: int

    def row(self, place: int) -> Row:
        operation = self.story.operations[place]
        children, left_out = self.chosen(self.inside.get(place, []), self.in_context)
        row = Row(operation, place, self._bars(operation), [self.row(one) for one in children], left_out)
        row.tries = max([operation.tries, *(one.tries for one in row.children)])
        return row

    def chosen(self, places: Sequence[int], most: int) -> tuple[list[int], int]:
        """The rows to show, in their order: what is open or went wrong first of all, then from the beginning."""
        if len(places) <= most:
            return list(places), 0
        operations = self.story.operations
        telling = [one for one in places if operations[one].state is State.OPEN or operations[one].state in TROUBLE]
        kept = set(telling[:most])
        kept.update([one for one in places if one not in kept][: most - len(kept)])
        return sorted(kept), sum(1 + self._within(one) for one in places if one not in kept)

    def _within(self, place: int) -> int:
        return sum(1 + self._within(one) for one in self.inside.get(place, []))

    def _bars(self, operation: Operation) -> list[Bar]:
        look = "open" if operation.state is State.OPEN else "failed" if operation.state in TROUBLE else "done"
        whole = self.bar(operation.started, operation.ended, look)
        if len(operation.attempts) < 2:  # noqa: PLR2004 (one attempt is the whole)
            return [whole]
        return [Bar(whole.x, whole.width, "pause"), *(self._attempt(operation, one) for one in operation.attempts)]

    def _attempt(self, operation: Operation, attempt: Attempt) -> Bar:
        is_last = attempt is operation.attempts[-1]
        look = "failed" if attempt.error else "open" if is_last and operation.state is State.OPEN else "done"
        return self.bar(attempt.started, attempt.ended, look)

    def bar(self, started: datetime, ended: datetime | None, look: str) -> Bar:
        x = self.axis.x(started)
        width = max(THINNEST, self.axis.x(ended or self.until) - x)
        return Bar(round(min(x, WHOLE - width), 3), round(width, 3), look)


def _moments(story: Story, started: datetime, until: datetime) -> Iterator[datetime]:
    yield started
    yield until
    attempts = [one for operation in story.operations for one in operation.attempts]
    spans = [(one.started, one.ended) for one in story.operations]
    spans += [(one.started, one.ended) for one in [*story.invocations, *attempts]]
    for span in spans:
        for moment in span:
            if moment is not None and started <= moment <= until:
                yield moment

"""Operations in the words of people: what each is called, how it stands, how long it took."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils import timezone

from approvals.models import ApprovalRequest, Timeline
from approvals.timeline.picture import Bar, Picture, Row
from approvals.timeline.saga import Station
from approvals.timeline.story import Attempt, Kind, Operation, State
from approvals.web.endings import state_of
from approvals.web.formats import words

UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
# Narrower gaps, in percent, have no room for a label.
LABEL_WIDTH = 7.0
_NUMBERED = re.compile(r"(.+)\.(\d+)")
_TONES = {State.OPEN: "info", State.DONE: "good", State.FAILED: "bad", State.TIMED_OUT: "warn", State.STOPPED: "bad"}
_STATES = {
    State.DONE: "done",
    State.FAILED: "failed",
    State.TIMED_OUT: "timed out",
    State.STOPPED: "stopped",
    State.CANCELLED: "left off",
}
_OPEN = {Kind.STEP: "running", Kind.WAIT: "waiting", Kind.CALLBACK: "waiting", Kind.INVOKE: "running"}
_KINDS = {
    "WaitForCallback": "Question",
    "Parallel": "Side by side",
    "ParallelBranch": "Branch",
    "Map": "One by one",
    "MapIteration": "Item",
    "RunInChildContext": "Group",
    "WaitForCondition": "Check",
    "Progress": "Progress",
}
_PLAIN_KINDS = {
    Kind.STEP: "Step",
    Kind.WAIT: "Wait",
    Kind.CALLBACK: "Wait for an answer",
    Kind.INVOKE: "Call",
    Kind.CONTEXT: "Group",
    Kind.OTHER: "Operation",
}
_SAGA = {
    "planned": ("quiet", "clock", "Planned"),
    "untouched": ("quiet", "minus", "Never booked"),
    "acting": ("info", "clock", "Being booked"),
    "done": ("good", "check", "Booked"),
    "refused": ("bad", "cross", "Refused"),
    "unsure": ("bad", "alert", "Not known whether booked"),
    "to_undo": ("warn", "clock", "To be undone"),
    "undoing": ("info", "undo", "Being undone"),
    "undone": ("quiet", "undo", "Undone"),
    "stuck": ("bad", "alert", "Stuck: a person must settle it"),
    "done_by_hand": ("warn", "user", "Undone by hand"),
    "waived": ("warn", "user", "Left as booked"),
}
_FAULTS = {
    "unreachable": "AWS cannot be reached at the moment.",
    "busy": "Many histories are being read at the moment, more than AWS allows at once. Read again in a few seconds.",
    "refused": "AWS does not let the portal read this history. An admin can see why.",
    "forgotten": "AWS no longer keeps this run's history.",
    "odd": "AWS does not know this run, or gave an answer that cannot be read.",
}


@dataclass
class Line:
    """One row of the chart in words."""

    number: int
    name: str
    kind: str
    state: str
    tone: str
    length: str
    bars: list[Bar]
    operation: Operation
    began: str = ""
    ended: str = ""
    is_quiet: bool = False
    error: str = ""
    result: str = ""
    attempts: list[tuple[int, Attempt, str, str]] = field(default_factory=list)
    children: list["Line"] = field(default_factory=list)
    left_out: int = 0
    is_unfolded: bool = False
    request: ApprovalRequest | None = None


@dataclass(frozen=True)
class Words:
    """Puts the rows of one chart into words, for one viewer. ``asked``: the run's requests by stage."""

    in_full: bool
    error: Callable[[str], str]
    asked: Mapping[str, ApprovalRequest]
    now: datetime

    def line(self, row: Row) -> Line:
        """Return a row in words, with the rows in it."""
        one = row.operation
        request = self.asked.get(one.name) if one.sub == "WaitForCallback" else None
        state, tone = self._state(row, request)
        return Line(
            row.number, name_of(one, request), kind_of(one), state, tone,
            "" if one.sub == "Progress" else length_of(one.length(self.now)),
            [replace(bar, look="failed") for bar in row.bars] if one.outcome and tone == "bad" else row.bars, one,
            began=exactly(one.started), ended=exactly(one.ended) if one.ended else "",
            is_quiet=is_bookkeeping(one) and one.state is State.DONE,
            error=self.error(one.error),
            result=one.result if self.in_full else "",
            attempts=[(number, each, length_of(_length(each, self.now)), self.error(each.error))
                      for number, each in enumerate(one.attempts, 1)] if one.tries > 1 else [],
            children=[self.line(child) for child in row.children],
            left_out=row.left_out, is_unfolded=row.is_unfolded, request=request,
        )  # fmt: skip

    def _state(self, row: Row, request: ApprovalRequest | None) -> tuple[str, str]:
        one = row.operation
        tone = _TONES.get(one.state, "quiet")
        if one.state is State.OPEN:
            if one.attempts and one.attempts[-1].pause is not None:
                return f"attempt {one.tries} failed, waiting to try again", "warn"
            is_asking = one.sub == "WaitForCallback"
            return "waiting" if is_asking else _OPEN.get(one.kind, "under way"), tone
        said = _STATES[one.state]
        if request is not None and not request.is_pending:
            said = state_of(request)[1].lower()
            tone = "good" if request.status == "approved" else "warn"
        elif one.outcome:
            said, tone = one.outcome.replace("_", " "), "bad" if one.outcome == "refused" else tone
        return f"{said}, {row.tries} attempts" if row.tries > 1 else said, tone

    def summary(self, picture: Picture) -> str:
        """Return the execution in one sentence."""
        story = picture.story
        parts = [counted(picture.total, "operation")]
        if story.invocations:
            replays = f", {counted(story.replays, 'replay')}" if story.replays else ""
            parts.append(f"{counted(len(story.invocations), 'invocation')}{replays}")
        took = length_of(picture.until - picture.started)
        parts.append(f"took {took}" if story.has_ended else f"{took} so far")
        if story.is_paused:
            parts.append("paused")
        return " · ".join(parts)

    def gaps(self, picture: Picture) -> list[tuple[float, float, str]]:
        """Return the folded stretches: middle, width, and a short length where there is room for one."""
        return [
            (round(gap.x + gap.width / 2, 3), gap.width, short_length(gap.length) if gap.width >= LABEL_WIDTH else "")
            for gap in picture.axis.gaps
        ]


def name_of(one: Operation, request: ApprovalRequest | None = None) -> str:
    """Return what an operation is called, without the marks that the SDK and our own library put around the name."""
    numbered = _NUMBERED.fullmatch(one.name)
    name, time = (numbered[1], f" ({numbered[2]})") if numbered else (one.name, "")
    if request is not None:
        return f"{asking(request)}{time}"
    if one.kind is Kind.CALLBACK and name.endswith(" create callback id"):
        return "Wait for the answer"
    if name.endswith(" submitter"):
        return "Send the question"
    if one.kind is Kind.STEP and name.startswith("progress "):
        return f"Note: {words(name.removeprefix('progress ')).lower()}{time}"
    if name.endswith(" settle"):
        return f"Settle: {words(name.removesuffix(' settle')).lower()}{time}"
    return f"{words(name)}{time}" if name else _KINDS.get(one.sub) or _PLAIN_KINDS[one.kind]


def asking(request: ApprovalRequest) -> str:
    """Return whom a request asks, and what about where the stage is not called like them: ``Ask managers: review``."""
    stage = words(request.stage).lower()
    if not request.asked:
        return f"Ask: {stage}"
    return f"Ask {request.asked}" if stage in request.asked.lower() else f"Ask {request.asked}: {stage}"


def kind_of(one: Operation) -> str:
    """Return what sort of thing it is."""
    return _KINDS.get(one.sub) or _PLAIN_KINDS[one.kind]


def is_bookkeeping(one: Operation) -> bool:
    """Whether a step only writes down where the run is."""
    return one.kind is Kind.STEP and one.sub != "Progress" and one.name.startswith(("progress ", "run "))


def length_of(length: timedelta) -> str:
    """Return e.g. ``3 d 4 h``, ``2 h 10 min``, ``1.4 s``: two units at most."""
    seconds = length.total_seconds()
    if seconds < 0.1:  # noqa: PLR2004
        return "under 0.1 s"
    if seconds < 10:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    left = round(seconds)
    parts: list[str] = []
    for size, unit in UNITS:
        if left >= size or parts:
            parts.append(f"{left // size} {unit}" if left >= size else "")
            left %= size
        if len(parts) == 2:  # noqa: PLR2004
            break
    return " ".join(filter(None, parts))


def short_length(length: timedelta) -> str:
    """Return a length in its largest unit alone."""
    seconds = round(length.total_seconds())
    return next((f"{seconds // size} {unit}" for size, unit in UNITS if seconds >= size), "0 s")


def exactly(moment: datetime) -> str:
    """Return e.g. ``21 Nov 2026, 14:05:09.250 CET`` in the person's zone."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b %Y, %H:%M:%S}.{local.microsecond // 1000:03} {local.tzname() or ''}".rstrip()


def counted(number: int, thing: str) -> str:
    """Return e.g. ``1 replay`` or ``1,204 operations``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def fault_words(timeline: Timeline | None, *, has_story: bool) -> str:
    """Return why the timeline is not as fresh or whole as it could be; nothing while all is well."""
    if timeline is None or not timeline.fault:
        return "The run has more events than are read; the end is missing." if timeline and _is_cut(timeline) else ""
    what = _FAULTS.get(timeline.fault, _FAULTS["odd"])
    shown = "What is below is how far it was read before." if has_story else "Below is what the portal itself knows."
    return f"{what} {shown}"


def saga_line(station: Station) -> dict[str, object]:
    """Return a booking in words, with its look."""
    tone, icon, said = _SAGA[station.state]
    if station.was_refused and station.state == "undone":
        tone, said = "bad", "Failed, nothing left of it"
    return {"service": words(station.service), "tone": tone, "icon": icon, "said": said, "station": station}


def _length(attempt: Attempt, now: datetime) -> timedelta:
    return max(timedelta(), (attempt.ended or now) - attempt.started)


def _is_cut(timeline: Timeline) -> bool:
    return bool((timeline.story or {}).get("is_cut"))

"""Operations in the words of people: what each is called, how it stands, how long it took."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from approvals.models import ApprovalRequest, Timeline
from approvals.models.sentence import english
from approvals.timeline.picture import Bar, Picture, Row
from approvals.timeline.saga import Station
from approvals.timeline.story import Attempt, Kind, Operation, State
from approvals.web.endings import state_of
from approvals.web.formats import in_sentence
from approvals.web.labels import label

UNITS = (
    (86_400, pgettext_lazy("length of time", "{number} d")),
    (3_600, pgettext_lazy("length of time", "{number} h")),
    (60, pgettext_lazy("length of time", "{number} min")),
    (1, pgettext_lazy("length of time", "{number} s")),
)
# Narrower gaps, in percent, have no room for a label.
LABEL_WIDTH = 7.0
_NUMBERED = re.compile(r"(.+)\.(\d+)")
_TONES = {State.OPEN: "info", State.DONE: "good", State.FAILED: "bad", State.TIMED_OUT: "warn", State.STOPPED: "bad"}
_STATES = {
    State.DONE: pgettext_lazy("operation", "done"),
    State.FAILED: pgettext_lazy("operation", "failed"),
    State.TIMED_OUT: pgettext_lazy("operation", "timed out"),
    State.STOPPED: pgettext_lazy("operation", "stopped"),
    State.CANCELLED: pgettext_lazy("operation", "left off"),
}
_RUNNING, _WAITING = pgettext_lazy("operation", "running"), pgettext_lazy("operation", "waiting")
_OPEN = {Kind.STEP: _RUNNING, Kind.WAIT: _WAITING, Kind.CALLBACK: _WAITING, Kind.INVOKE: _RUNNING}
_KINDS = {
    "WaitForCallback": pgettext_lazy("operation", "Question"),
    "Parallel": pgettext_lazy("operation", "Side by side"),
    "ParallelBranch": pgettext_lazy("operation", "Branch"),
    "Map": pgettext_lazy("operation", "One by one"),
    "MapIteration": pgettext_lazy("operation", "Item"),
    "RunInChildContext": pgettext_lazy("operation", "Group"),
    "WaitForCondition": pgettext_lazy("operation", "Check"),
    "Progress": pgettext_lazy("operation", "Progress"),
}
_PLAIN_KINDS = {
    Kind.STEP: pgettext_lazy("operation", "Step"),
    Kind.WAIT: pgettext_lazy("operation", "Wait"),
    Kind.CALLBACK: pgettext_lazy("operation", "Wait for an answer"),
    Kind.INVOKE: pgettext_lazy("operation", "Call"),
    Kind.CONTEXT: pgettext_lazy("operation", "Group"),
    Kind.OTHER: pgettext_lazy("operation", "Operation"),
}
_SAGA = {
    "planned": ("quiet", "clock", pgettext_lazy("booking", "Planned")),
    "untouched": ("quiet", "minus", pgettext_lazy("booking", "Never booked")),
    "acting": ("info", "clock", pgettext_lazy("booking", "Being booked")),
    "done": ("good", "check", pgettext_lazy("booking", "Booked")),
    "refused": ("bad", "cross", pgettext_lazy("booking", "Refused")),
    "unsure": ("bad", "alert", pgettext_lazy("booking", "Not known whether booked")),
    "to_undo": ("warn", "clock", pgettext_lazy("booking", "To be undone")),
    "undoing": ("info", "undo", pgettext_lazy("booking", "Being undone")),
    "undone": ("quiet", "undo", pgettext_lazy("booking", "Undone")),
    "stuck": ("bad", "alert", pgettext_lazy("booking", "Stuck: a person must settle it")),
    "done_by_hand": ("warn", "user", pgettext_lazy("booking", "Undone by hand")),
    "waived": ("warn", "user", pgettext_lazy("booking", "Left as booked")),
}
_FAULTS = {
    "unreachable": gettext_lazy("AWS cannot be reached at the moment."),
    "busy": gettext_lazy(
        "Many histories are being read at the moment, more than AWS allows at once. Read again in a few seconds."
    ),
    "refused": gettext_lazy("AWS does not let the portal read this history. An admin can see why."),
    "forgotten": gettext_lazy("AWS no longer keeps this run's history."),
    "odd": gettext_lazy("AWS does not know this run, or gave an answer that cannot be read."),
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
                return _("attempt {number} failed, waiting to try again").format(number=one.tries), "warn"
            is_asking = one.sub == "WaitForCallback"
            return str(_WAITING if is_asking else _OPEN.get(one.kind, pgettext_lazy("operation", "under way"))), tone
        said = str(_STATES[one.state])
        if request is not None and not request.is_pending:
            said = in_sentence(state_of(request)[1])
            tone = "good" if request.status == "approved" else "warn"
        elif one.outcome:
            said, tone = in_sentence(label(one.outcome)), "bad" if one.outcome == "refused" else tone
        if row.tries == 1:
            return said, tone
        tries = ngettext("{state}, {count} attempt", "{state}, {count} attempts", row.tries)
        return tries.format(state=said, count=row.tries), tone

    def summary(self, picture: Picture) -> str:
        """Return the execution in one sentence."""
        story = picture.story
        parts = [counted(ngettext("{count} operation", "{count} operations", picture.total), picture.total)]
        if story.invocations:
            ran = len(story.invocations)
            told = counted(ngettext("{count} invocation", "{count} invocations", ran), ran)
            again = counted(ngettext("{count} replay", "{count} replays", story.replays), story.replays)
            parts.append(f"{told}, {again}" if story.replays else told)
        took = length_of(picture.until - picture.started)
        parts.append((_("took {length}") if story.has_ended else _("{length} so far")).format(length=took))
        if story.is_paused:
            parts.append(_("paused"))
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
        return _("Wait for the answer")
    if name.endswith(" submitter"):
        return _("Send the question")
    if one.kind is Kind.STEP and name.startswith("progress "):
        step = in_sentence(label(name.removeprefix("progress ")))
        return _("Note: {step}").format(step=step) + time
    if name.endswith(" settle"):
        stage = in_sentence(label(name.removesuffix(" settle")))
        return _("Settle: {stage}").format(stage=stage) + time
    return f"{label(name)}{time}" if name else kind_of(one)


def asking(request: ApprovalRequest) -> str:
    """Return whom a request asks, and what about where the stage is not called like them: ``Ask managers: review``."""
    stage = in_sentence(label(request.stage))
    if not request.asked:
        return _("Ask: {stage}").format(stage=stage)
    if request.stage.replace("_", " ").replace("-", " ").lower() in english(request.asked).lower():
        return _("Ask {whom}").format(whom=request.asked)
    return _("Ask {whom}: {stage}").format(whom=request.asked, stage=stage)


def kind_of(one: Operation) -> str:
    """Return what sort of thing it is."""
    return str(_KINDS.get(one.sub) or _PLAIN_KINDS[one.kind])


def is_bookkeeping(one: Operation) -> bool:
    """Whether a step only writes down where the run is."""
    return one.kind is Kind.STEP and one.sub != "Progress" and one.name.startswith(("progress ", "run "))


def length_of(length: timedelta) -> str:
    """Return e.g. ``3 d 4 h``, ``2 h 10 min``, ``1.4 s``: two units at most."""
    seconds = length.total_seconds()
    if seconds < 0.1:  # noqa: PLR2004
        return _("under {length}").format(length=_in_unit(number_format("0.1"), *UNITS[-1]))
    if seconds < 10:  # noqa: PLR2004
        return _in_unit(number_format(f"{seconds:.1f}"), *UNITS[-1])
    left = round(seconds)
    parts: list[str] = []
    for size, unit in UNITS:
        if left >= size or parts:
            parts.append(_in_unit(left // size, size, unit) if left >= size else "")
            left %= size
        if len(parts) == 2:  # noqa: PLR2004
            break
    return " ".join(filter(None, parts))


def short_length(length: timedelta) -> str:
    """Return a length in its largest unit alone."""
    seconds = round(length.total_seconds())
    size, unit = next((one for one in UNITS if seconds >= one[0]), UNITS[-1])
    return _in_unit(seconds // size, size, unit)


def _in_unit(number: object, _size: int, unit: Promise) -> str:
    return str(unit).format(number=number)


def exactly(moment: datetime) -> str:
    """Return e.g. ``21 Nov 2026, 14:05:09.250 CET`` in the person's zone."""
    local = timezone.localtime(moment)
    day = date_format(local, "DATE_FORMAT")
    return f"{day}, {local:%H:%M:%S}.{local.microsecond // 1000:03} {local.tzname() or ''}".rstrip()


def counted(things: str, number: int) -> str:
    """Return e.g. ``1 replay`` or ``1,204 operations``; ``things`` has a place for the number."""
    return things.format(count=number_format(number, force_grouping=True))


def fault_words(timeline: Timeline | None, *, has_story: bool) -> str:
    """Return why the timeline is not as fresh or whole as it could be; nothing while all is well."""
    if timeline is None or not timeline.fault:
        is_cut = timeline and _is_cut(timeline)
        return _("The run has more events than are read; the end is missing.") if is_cut else ""
    what = _FAULTS.get(timeline.fault, _FAULTS["odd"])
    before, known = _("What is below is how far it was read before."), _("Below is what the portal itself knows.")
    return f"{what} {before if has_story else known}"


def saga_line(station: Station) -> dict[str, object]:
    """Return a booking in words, with its look."""
    tone, icon, said = _SAGA[station.state]
    if station.was_refused and station.state == "undone":
        tone, said = "bad", pgettext_lazy("booking", "Failed, nothing left of it")
    return {"service": label(station.service), "tone": tone, "icon": icon, "said": said, "station": station}


def _length(attempt: Attempt, now: datetime) -> timedelta:
    return max(timedelta(), (attempt.ended or now) - attempt.started)


def _is_cut(timeline: Timeline) -> bool:
    return bool((timeline.story or {}).get("is_cut"))

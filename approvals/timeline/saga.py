"""The saga map of a run that books and undoes: how each of its bookings stands.

Evidence, the later the stronger: the lines of progress, the outcomes in the execution's history, what people answered
to a failed undo, and the run's own result.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from approvals.models import ApprovalRequest, Run
from approvals.timeline.story import Operation, State, Story

# The bookings of each workflow that is a saga, in the order in which it makes them.
SAGAS: Mapping[str, tuple[str, ...]] = {"travel": ("flight", "hotel", "car")}
PLANNED, ACTING, DONE, REFUSED, UNSURE = "planned", "acting", "done", "refused", "unsure"
TO_UNDO, UNDOING, UNDONE, STUCK = "to_undo", "undoing", "undone", "stuck"
BY_HAND, WAIVED, UNTOUCHED = "done_by_hand", "waived", "untouched"
_RESULTS = {"booked": DONE, "undone": UNDONE, "done_by_hand": BY_HAND, "waive": WAIVED}
_BACKWARDS = frozenset({TO_UNDO, UNDOING, UNDONE, STUCK, BY_HAND, WAIVED})
_NOT_MADE = frozenset({"refused", "failed"})
_ANSWERS = {"retry": UNDOING, "done_by_hand": BY_HAND, "waive": WAIVED}


@dataclass(frozen=True)
class Station:
    """One booking. ``request`` is the open question about its undo, when it is stuck."""

    service: str
    state: str
    request: str = ""
    by: str = ""
    # It could not be made, and is why the others were undone.
    was_refused: bool = False


def saga_of(run: Run, story: Story | None, requests: Iterable[ApprovalRequest]) -> list[Station]:
    """Return the stations in the order of booking; none for a workflow that is no saga or has not begun to book."""
    asked = list(requests)
    services = SAGAS.get(run.workflow, ())
    stations = [_station(service, run, story, asked) for service in services]
    if any(one.state in _BACKWARDS for one in stations):
        # What was not begun before the undoing never will be.
        stations = [replace(one, state=UNTOUCHED) if one.state == PLANNED else one for one in stations]
    return stations if any(one.state not in (PLANNED, UNTOUCHED) for one in stations) else []


def _station(service: str, run: Run, story: Story | None, asked: list[ApprovalRequest]) -> Station:
    told = _told(run, service)
    seen = _seen(story, service) if story else ""
    was_refused = story is not None and _reserve_outcome(story, service) in _NOT_MADE
    questions = [one for one in asked if one.stage == f"undo-{service}"]
    newest = max(questions, key=lambda one: one.created_at, default=None)
    if newest is not None and newest.is_pending:
        return Station(service, STUCK, newest.approval_id, was_refused=was_refused)
    answered = _ANSWERS.get(str((newest.decision or {}).get("decision")), "") if newest else ""
    by = str((newest.decision or {}).get("decided_by") or "") if newest else ""
    final = _final(run, service)
    state = final or _stronger(answered, seen, told)
    if run.has_ended:
        state = {PLANNED: UNTOUCHED, ACTING: UNSURE, TO_UNDO: STUCK, UNDOING: STUCK}.get(state, state)
    return Station(service, state, by=by if state in (BY_HAND, WAIVED) else "", was_refused=was_refused)


def _stronger(answered: str, seen: str, told: str) -> str:
    """An answer by hand settles it; else what happened, else what was said to happen."""
    if answered in (BY_HAND, WAIVED):
        return answered
    if answered == UNDOING and UNDONE not in (seen, told):
        return UNDOING
    order = (PLANNED, ACTING, DONE, UNSURE, REFUSED, TO_UNDO, UNDOING, STUCK, UNDONE)
    return max(seen or PLANNED, told, key=order.index)


def _told(run: Run, service: str) -> str:
    """What the lines of progress say."""
    state = PLANNED
    for line in run.progress:
        step, level = (str(line.get("step") or ""), line.get("level")) if isinstance(line, dict) else ("", "")
        if step == f"reserve_{service}":
            state = ACTING
        elif step == f"cancel_{service}":
            state = {"error": STUCK, "warning": UNDOING}.get(str(level), UNDONE)
        elif state == ACTING and step.startswith("reserve_"):
            state = DONE  # They are made one after the other.
        elif step == "undo" and state in (ACTING, DONE):
            state = TO_UNDO  # The last booking goes first; the others wait for it.
    return state


def _seen(story: Story, service: str) -> str:
    """What the operations show: the outcome of the last that was begun."""
    undo = _last(story, f"cancel {service}")
    if undo is not None:
        if undo.outcome == "cancelled":
            return UNDONE
        return UNDOING if undo.state in (State.OPEN, State.DONE) else STUCK
    made = _last(story, f"reserve {service}")
    if made is None:
        return ""
    if made.state is State.OPEN:
        return ACTING
    return {"reserved": DONE, "refused": REFUSED}.get(made.outcome, UNSURE)


def _reserve_outcome(story: Story, service: str) -> str:
    made = _last(story, f"reserve {service}")
    if made is None or made.state is State.OPEN:
        return ""
    return made.outcome if made.state is State.DONE else "failed"


def _last(story: Story, name: str) -> Operation | None:
    return next((one for one in reversed(story.operations) if one.name == name), None)


def _final(run: Run, service: str) -> str:
    """What the run's result says."""
    bookings: Any = (run.result or {}).get("bookings")
    for one in bookings if isinstance(bookings, list) else []:
        if isinstance(one, dict) and one.get("service") == service:
            return _RESULTS.get(str(one.get("state")), "")
    return ""

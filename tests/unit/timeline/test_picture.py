"""The chart: a long wait does not squash what is short, everything lies in order, and much is folded."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.timeline.axis import axis_of
from approvals.timeline.history import story_of
from approvals.timeline.picture import Picture, Row, picture_of
from approvals.timeline.story import Story
from tests.unit.timeline.histories import START, error, event, many_steps, recorded, result

NOW = START + timedelta(days=3, seconds=2)


def drawn(story: Story, *, everything: bool = False) -> Picture:
    picture = picture_of(story, NOW, everything=everything)
    assert picture is not None
    return picture


def all_rows(rows: list[Row]) -> list[Row]:
    return [row for one in rows for row in (one, *all_rows(one.children))]


def test_three_days_of_waiting_leave_room_for_steps_of_a_fifth_of_a_second() -> None:
    step, waiting, answer = {"key": "a", "name": "check"}, {"key": "w", "name": "wait"}, {"key": "b", "name": "pay"}
    story = story_of(
        [
            event("ExecutionStarted", 0),
            event("StepStarted", 0.1, **step), event("StepSucceeded", 0.3, **step),
            event("WaitStarted", 0.3, **waiting), event("WaitSucceeded", 259_200, **waiting),
            event("StepStarted", 259_200.1, **answer), event("StepSucceeded", 259_200.3, **answer),
            event("ExecutionSucceeded", 259_200.4),
        ]
    )  # fmt: skip
    picture = drawn(story)
    check, wait, pay = (row.bars[0] for row in picture.rows)
    assert min(check.width, pay.width) > 15
    assert wait.width < 20
    [gap] = picture.axis.gaps
    assert gap.length > timedelta(days=2)


def test_stretches_of_like_length_are_not_folded() -> None:
    assert axis_of([START + timedelta(seconds=10 * number) for number in range(30)]).gaps == []


@given(st.lists(st.floats(0, 10_000_000), min_size=2, max_size=60, unique=True))
def test_the_axis_keeps_the_order_of_all_moments_and_fills_the_width(seconds: list[float]) -> None:
    moments = sorted({START + timedelta(seconds=one) for one in seconds})
    axis = axis_of(moments)
    places = [axis.x(one) for one in moments]
    assert places == sorted(places)
    if len(moments) > 1:
        assert (places[0], places[-1]) == (0, 100)


@pytest.mark.parametrize("name", ["expense", "expense_open", "loan", "trip_undone"])
def test_every_bar_lies_within_the_picture(name: str) -> None:
    picture = picture_of(recorded(name), START + timedelta(days=300))
    assert picture is not None
    for bar in [*picture.invocations, *(bar for row in all_rows(picture.rows) for bar in row.bars)]:
        assert bar.x >= 0
        assert bar.width > 0
        assert bar.x + bar.width <= 100.001


def test_what_is_open_reaches_to_the_present() -> None:
    picture = picture_of(recorded("expense_open"), START + timedelta(days=300))
    assert picture is not None
    [bar] = picture.rows[-1].bars
    assert (bar.look, round(bar.x + bar.width)) == ("open", 100)


def test_branches_are_shown_and_the_steps_in_them_count() -> None:
    [bureaus] = [row for row in drawn(recorded("loan")).rows if row.operation.name == "credit bureaus"]
    assert bureaus.is_unfolded
    assert [row.operation.name for row in bureaus.children] == ["northern", "harbour", "meridian"]
    assert [row.tries for row in bureaus.children] == [1, 1, 2]
    assert bureaus.tries == 2


def test_attempts_are_bars_of_their_own_on_a_line_of_waiting() -> None:
    [meridian] = [
        row for row in all_rows(drawn(recorded("loan")).rows) if row.operation.name == "report" and row.tries == 2
    ]
    assert [bar.look for bar in meridian.bars] == ["pause", "failed", "done"]


def test_a_thousand_operations_are_cut_but_for_what_failed_and_all_of_them_can_be_had() -> None:
    broken = {"key": "z", "name": "broken", "parent": "m"}
    events = [
        event("ContextStarted", 0, "m", "all"), *many_steps(1200, "m"),
        event("StepStarted", 2000, **broken), event("StepFailed", 2001, **broken, Error=error("no")),
        event("ContextSucceeded", 2002, "m", "all", Result=result(1)), *many_steps(300, first=2003),
    ]  # fmt: skip
    few, whole = drawn(story_of(events)), drawn(story_of(events), everything=True)
    inside = few.rows[0]
    assert inside.children[-1].operation.name == "broken"
    assert len(inside.children) + inside.left_out == 1201
    assert len(all_rows(few.rows)) < 200
    assert few.left_out + len(few.rows) == 301
    assert len(all_rows(whole.rows)) == whole.total == 1502
    assert whole.left_out == 0


def test_of_a_run_that_has_not_begun_there_is_no_picture() -> None:
    assert picture_of(Story(), NOW) is None

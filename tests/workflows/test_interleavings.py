"""Callbacks, timers and duplicates in any order: one outcome, one record, nothing doubled."""

import contextlib
from collections.abc import Callable

import pytest
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflows.cloud import Cloud, Item
from tests.workflows.stage import Stage, actions, on_stage
from workflows.moderation import handler

CONTENT = {"content_id": "c-1", "content_type": "comment", "excerpt": "Spam", "author": "ann", "flags": []}
MOVES = ("publish", "remove", "withdraw", "garbage", "replay")


def act(stage: Stage, item: Item, move: str) -> None:
    moves: dict[str, Callable[[], object]] = {
        "publish": lambda: stage.answer(item, "publish"),
        "remove": lambda: stage.answer(item, "remove"),
        "withdraw": lambda: stage.withdraw(item, recorded=False),
        "garbage": lambda: stage.send(item, "{}"),
        "replay": lambda: stage.suspended(1),
    }
    with contextlib.suppress(ResourceNotFoundException):  # answered already: what AWS refuses, too
        moves[move]()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=st.lists(st.sampled_from(MOVES), max_size=4))
def test_the_first_answer_stands_whatever_comes_after(cloud: Cloud, moves: list[str]) -> None:
    first = next((move for move in moves if move != "replay"), "timeout")
    with on_stage(handler, cloud) as stage:
        stage.start(CONTENT | {"timeout_seconds": 1 if first == "timeout" else 60})
        item = stage.waiting("moderation")
        for move in moves:
            act(stage, item, move)
        stage.end()

    [request] = [found for found in cloud.requests() if found["approval_id"] == item["approval_id"]]
    expected = {
        "publish": "approved",
        "remove": "rejected",
        "withdraw": "cancelled",
        "garbage": "error",
        "timeout": "timeout",
    }
    assert request["status"] == expected[first]
    assert actions(request).count("settled") == 1
    assert "callback_id" not in request


@pytest.mark.parametrize("late", ["publish", "remove", "withdraw"])
def test_a_decision_in_the_item_beats_whatever_wakes_the_run(cloud: Cloud, late: str) -> None:
    from tests.workflows.stage import verdict

    with on_stage(handler, cloud) as stage:
        stage.start(CONTENT)
        item = stage.waiting("moderation")
        cloud.amend(item["approval_id"], decision=verdict("remove", decided_by="mo"))
        act(stage, item, late)
        assert stage.result()["action"] == "remove"

    assert cloud.request()["decision"]["decided_by"] == "mo"

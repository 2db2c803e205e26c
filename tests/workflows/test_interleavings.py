"""Writes, callbacks, timers and duplicates in any order, for every question that a workflow asks: one outcome."""

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.waiting import eventually
from tests.workflows.claims import claim
from tests.workflows.cloud import Cloud, Item
from tests.workflows.paths import REVISED, application, flagged, paper
from tests.workflows.stage import Handler, Stage, actions, on_stage, verdict
from tests.workflows.trips import open_desk, trip
from workflows import document, expense, loan, moderation, travel

# Into the item as the portal writes, past it by the callback, and what comes of itself or by mistake.
MOVES = ("write yes", "write no", "send yes", "send no", "withdraw", "garbage", "timer", "replay")


@dataclass(frozen=True)
class Question:
    """One question of one workflow: how to come to it, and the two answers that are tried."""

    handler: Handler
    payload: Mapping[str, Any]
    stage: str
    answers: tuple[str, str]
    waits: str = "timeout_seconds"
    more: Mapping[str, Any] = field(default_factory=dict)


QUESTIONS = {
    "expense, manager": Question(expense.handler, claim(), "manager", ("approved", "rejected")),
    "document, review": Question(document.handler, paper(), "review", ("approved", "changes_requested")),
    "document, revision": Question(
        document.handler, paper(), "revision", ("revised", "revised"), more={"decided_by": "rita", "response": REVISED}
    ),
    "moderation": Question(moderation.handler, flagged(), "moderation", ("publish", "remove")),
    "loan, manager": Question(
        loan.handler, application("1111", "100000"), "manager", ("approved", "rejected"), "APPROVAL_TIMEOUT_SECONDS"
    ),
    "travel, approval": Question(
        travel.handler, trip(carPrice=None), "approval", ("approved", "rejected"), "APPROVAL_TIMEOUT_SECONDS"
    ),
    "travel, failed undo": Question(
        travel.handler, trip(failBookFlight=True), "undo-flight", ("retry", "waive"), "OPERATOR_WAIT_SECONDS"
    ),
}  # fmt: skip


@dataclass
class Table:
    """What was played: the answer that the item took, and the first thing that woke the run."""

    stage: Stage
    cloud: Cloud
    item: Item
    question: Question
    written: dict[str, Any] | None = None
    woken: str = ""

    def play(self, move: str) -> None:
        """Make one move; one that AWS refuses because another was first is no move."""
        moves: dict[str, Callable[[], object]] = {
            "write yes": lambda: self._write(0),
            "write no": lambda: self._write(1),
            "send yes": lambda: self._send(0),
            "send no": lambda: self._send(1),
            "withdraw": lambda: self.stage.withdraw(self.item, recorded=False),
            "garbage": lambda: self.stage.send(self.item, "{}"),
            "timer": lambda: eventually(self._settled),
            "replay": lambda: self.stage.suspended(1),
        }
        with contextlib.suppress(ResourceNotFoundException):  # the callback is closed
            moves[move]()
            if move not in ("write yes", "write no", "replay"):
                self.woken = self.woken or move

    def _answer(self, number: int) -> dict[str, Any]:
        return verdict(self.question.answers[number], **self.question.more)

    def _write(self, number: int) -> None:
        answer = self._answer(number)
        if self.cloud.write_if_open(self.item["approval_id"], answer):
            self.written = answer

    def _send(self, number: int) -> None:
        self.stage.send(self.item, json.dumps(self._answer(number)))

    def _settled(self) -> Item | None:
        [now] = [one for one in self.cloud.requests() if one["approval_id"] == self.item["approval_id"]]
        return now if now["status"] != "pending" else None

    def end(self) -> Item:
        """The request as it settled, be it at last by the timer."""
        return eventually(self._settled)

    def expected(self) -> str:
        """What must have settled it: the item's own answer, else the first waking, else the timer."""
        if self.written:
            return "approved" if self.written["decision"] == self.question.answers[0] else "rejected"
        no = "approved" if self.question.answers[1] == self.question.answers[0] else "rejected"
        said = {"send yes": "approved", "send no": no, "withdraw": "cancelled", "garbage": "error"}
        return said.get(self.woken, "timeout")


@pytest.mark.parametrize("name", QUESTIONS)
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from(MOVES), max_size=5))
def test_one_answer_settles_a_request_whatever_else_comes_and_in_whatever_order(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, name: str, moves: list[str]
) -> None:
    question = QUESTIONS[name]
    wakes = [move for move in moves if move not in ("write yes", "write no", "replay")]
    seconds = 2 if not wakes or wakes[0] == "timer" else 60
    with on_stage(question.handler, cloud) as stage:
        item = asked(stage, cloud, monkeypatch, question, seconds)
        table = Table(stage, cloud, item, question)
        for move in moves:
            table.play(move)
        request = table.end()

    assert request["status"] == table.expected(), (moves, request)
    assert actions(request).count("settled") == 1
    assert "callback_id" not in request
    if table.written:
        assert request["decision"]["decision_id"] == table.written["decision_id"]


def asked(stage: Stage, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, question: Question, seconds: int) -> Item:
    """Start a run and come to its question, which waits so long."""
    desk = open_desk(cloud, monkeypatch)
    desk.before["cancel-flight"] = 3
    payload = dict(question.payload)
    if question.waits == "timeout_seconds":
        payload[question.waits] = seconds
    else:
        monkeypatch.setenv(question.waits, str(seconds))
    desk.serve(stage).start(payload)
    if question.stage == "revision":
        stage.decide(stage.waiting("review"), "changes_requested")
    return stage.waiting(question.stage)

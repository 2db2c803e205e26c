"""A crash or an outage between any two lines of a run doubles nothing and loses nothing."""

from collections import Counter
from collections.abc import Callable
from itertools import product

import pytest

from tests.workflows.claims import claim
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.sabotage import How, Sabotage, When
from tests.workflows.stage import Stage, actions
from workflows.expense import handler

type Sabotaged = Callable[..., Sabotage]

CALLS = [
    "put_item",  # the run is opened
    "get_item",
    "update_item",  # the run waits
    "put_item",  # the request is opened
    "get_item",
    "update_item",  # the notice is claimed
    "publish",
    "get_item",
    "update_item",  # the request is settled
    "get_item",
    "update_item",  # the run goes on
    "get_item",
    "update_item",  # the reimbursement is recorded
    "get_item",
    "update_item",  # the run ends
]
PUBLISH = CALLS.index("publish") + 1
CLAIM = PUBLISH - 1


def approve(stage: Stage) -> None:
    stage.start(claim())
    stage.decide(stage.waiting())


@pytest.fixture
def sabotaged(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Sabotaged:
    def install(victim: int = 0, when: When = "before", how: How = "fault") -> Sabotage:
        sabotage = Sabotage(victim, when, how)
        sabotage.install(monkeypatch)
        return sabotage

    return install


def test_an_undisturbed_run_makes_these_calls(play: Play, sabotaged: Sabotaged) -> None:
    sabotage = sabotaged()
    stage = play(handler)
    approve(stage)
    stage.result()

    assert sabotage.calls == CALLS


@pytest.mark.parametrize(("when", "how"), list(product(["before", "after"], ["fault", "death"])))
@pytest.mark.parametrize("victim", range(1, len(CALLS) + 1), ids=lambda n: f"{n}-{CALLS[n - 1]}")
def test_nothing_is_doubled_or_lost(
    play: Play, cloud: Cloud, sabotaged: Sabotaged, victim: int, *, when: When, how: How
) -> None:
    sabotage = sabotaged(victim, when, how)
    stage = play(handler)
    approve(stage)

    result = stage.result()

    assert len(sabotage.calls) > len(CALLS) or victim == PUBLISH
    item, run = cloud.request(), cloud.run()
    assert item["status"] == "approved"
    assert run["status"] == result["status"] == "succeeded"
    assert run["reimbursement"]["reimbursement_id"] == result["reimbursement_id"]
    refused = victim == PUBLISH and (when, how) == ("before", "fault")
    expected = (
        ["opened", "notified", "notified", "notified", "settled"] if refused else ["opened", "notified", "settled"]
    )
    assert actions(item) == expected
    assert item["version"] == len(expected) + 1  # the decision is a version without an event here
    assert [line["step"] for line in run["progress"]] == [
        "started",
        "manager",
        "manager answered",
        "reimbursement",
        "succeeded",
    ]
    assert Counter(line["seq"] for line in run["progress"]) == Counter(range(1, 6))
    # Between claim and publish the choice is a missed notice or a doubled one; a request is in the queue either way.
    in_between = (victim, when) == (CLAIM, "after") or (victim, when, how) == (PUBLISH, "before", "death")
    assert len(cloud.notices()) == (0 if in_between else 1)


def test_an_answer_that_comes_while_the_submitter_still_runs_is_taken(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hitl import notify

    stage = play(handler)
    publish = notify.sns().publish

    def answered_meanwhile(**arguments: object) -> object:
        stage.decide(cloud.request())
        return publish(**arguments)

    monkeypatch.setattr(notify.sns(), "publish", answered_meanwhile)
    stage.start(claim())

    assert stage.result()["status"] == "succeeded"
    assert len(cloud.notices()) == 1


def test_an_answer_that_comes_before_the_submitter_is_tried_again_is_taken(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ConnectTimeoutError

    from hitl import notify

    stage = play(handler)

    def answered_then_refused(**_: object) -> object:
        stage.decide(cloud.request())
        raise ConnectTimeoutError(endpoint_url="http://nowhere")

    monkeypatch.setattr(notify.sns(), "publish", answered_then_refused)
    stage.start(claim())

    assert stage.result()["status"] == "succeeded"
    assert actions(cloud.request())[-1] == "settled"


def test_a_second_portal_write_during_the_settling_is_not_lost(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hitl import store
    from tests.workflows.stage import verdict

    stage = play(handler).start(claim())
    asked = stage.waiting()
    update, raced = store.dynamodb().update_item, []

    def race(**arguments: object) -> object:
        if not raced and arguments["TableName"] == cloud.approvals_table:
            raced.append(True)
            cloud.amend(asked["approval_id"], decision=verdict("rejected", comments="First"))
        return update(**arguments)

    monkeypatch.setattr(store.dynamodb(), "update_item", race)
    stage.answer(asked, "approved")

    assert stage.result()["reason"] == "First"
    assert cloud.request()["status"] == "rejected"

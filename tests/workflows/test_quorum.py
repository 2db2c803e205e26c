"""Where several people must agree, a yes needs votes that show them."""

from datetime import timedelta
from typing import Any

import pytest
from aws_durable_execution_sdk_python import DurableContext, durable_execution

from hitl import Policy, request_approval
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.stage import verdict


@durable_execution
def asking_two(_event: Any, context: DurableContext) -> dict[str, Any]:
    came = request_approval(
        context,
        stage="owner",
        title="Rename",
        policy=Policy(groups=("owners",), required=2),
        requester="rita",
        timeout=timedelta(hours=1),
    )
    return {"outcome": came.outcome.value}


def vote(by: object, decision: str = "approved") -> dict[str, object]:
    return {"by": by, "decision": decision, "comments": "", "at": "2026-11-21T08:00:00Z"}


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ([vote("ann"), vote("bob")], "approved"),
        ([vote("ann"), vote("ann")], "error"),
        ([vote("ann"), vote("ANN")], "error"),
        ([vote("ann"), vote("bob", "rejected")], "error"),
        ([vote("ann"), vote("rita")], "error"),
        ([vote("ann"), vote("Rita")], "error"),
        ([vote("ann"), vote(None), "bob"], "error"),
        ([], "error"),
    ],
    ids=[
        "two people",
        "one twice",
        "one twice in capitals",
        "one against",
        "the requester",
        "the requester, capital",
        "nobody",
        "none",
    ],
)
def test_where_two_must_agree_the_votes_must_show_two(play: Play, cloud: Cloud, votes: list[Any], outcome: str) -> None:
    stage = play(asking_two).start({})
    asked = stage.waiting("owner")
    cloud.amend(asked["approval_id"], decision=verdict(decided_by="bob") | {"votes": votes})
    stage.answer(asked)

    assert stage.result()["outcome"] == outcome


@pytest.mark.parametrize(("decision", "outcome"), [("approved", "error"), ("rejected", "rejected")])
def test_where_two_must_agree_a_callback_alone_can_only_say_no(
    play: Play, cloud: Cloud, decision: str, outcome: str
) -> None:
    stage = play(asking_two).start({})
    stage.answer(stage.waiting("owner"), decision)

    assert stage.result()["outcome"] == outcome

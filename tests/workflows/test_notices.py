"""People are told once: never twice, and never at the cost of the request."""

from datetime import timedelta
from typing import Any

import pytest
from aws_durable_execution_sdk_python import DurableContext, durable_execution
from botocore.exceptions import ClientError

from hitl import Policy, notify, request_approval
from tests.waiting import eventually
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play


@durable_execution
def asking(_event: Any, context: DurableContext) -> dict[str, Any]:
    came = request_approval(
        context, stage="owner", title="Rename", policy=Policy(groups=("owners",)), timeout=timedelta(hours=1)
    )
    return {"outcome": came.outcome.value}


def refusing(times: int, monkeypatch: pytest.MonkeyPatch, status: int = 400) -> list[int]:
    publish, tries = notify.sns().publish, [0]

    def refuse(**arguments: Any) -> Any:
        tries[0] += 1
        if tries[0] <= times:
            answer = {"Error": {"Code": "Throttled"}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(answer, "Publish")  # type: ignore[arg-type]
        return publish(**arguments)

    monkeypatch.setattr(notify.sns(), "publish", refuse)
    return tries


def test_a_refused_notice_is_sent_by_a_later_try(play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = refusing(2, monkeypatch)
    stage = play(asking).start({})
    eventually(lambda: tries[0] == 3 or None)
    stage.decide(stage.waiting("owner"))

    assert stage.result()["outcome"] == "approved"
    assert len(cloud.notices()) == 1


def test_a_notice_that_is_always_refused_does_not_fail_the_request(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = refusing(99, monkeypatch)
    stage = play(asking).start({})
    eventually(lambda: tries[0] == 4 or None)
    eventually(lambda: "Nobody was told" in cloud.request()["events"][-1]["note"] or None)
    stage.decide(stage.waiting("owner"))

    assert stage.result()["outcome"] == "approved"
    assert tries == [4]


def test_a_notice_whose_fate_is_unknown_is_not_sent_again(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = refusing(1, monkeypatch, status=500)
    stage = play(asking).start({})
    stage.decide(stage.waiting("owner"))

    assert stage.result()["outcome"] == "approved"
    assert tries == [1]

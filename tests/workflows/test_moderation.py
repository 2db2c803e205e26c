"""The moderation workflow as people live it."""

from typing import Any

import pytest

from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from workflows.moderation import handler


def content(**fields: Any) -> dict[str, Any]:
    return {
        "content_id": "c-17",
        "content_type": "comment",
        "excerpt": "Buy my watches",
        "author": "ann",
        "flags": ["spam"],
    } | fields


@pytest.mark.parametrize(("decision", "status"), [("publish", "approved"), ("remove", "rejected")])
def test_the_decision_is_recorded_once(play: Play, cloud: Cloud, decision: str, status: str) -> None:
    stage = play(handler).start(content())
    asked = stage.waiting("moderation")
    assert (asked["options"], asked["policy"]["groups"]) == (["publish", "remove"], ["moderators"])
    assert "ann" in asked["policy"]["exclude"]
    stage.suspended(1)
    stage.decide(asked, decision, decided_by="mo")

    assert stage.result() | {"action": decision, "status": "succeeded"} == stage.result()
    assert stage.invocations() >= 2
    assert cloud.request()["status"] == status
    assert cloud.run()["moderation"] == {"content_id": "c-17", "action": decision, "decided_by": "mo"}
    assert [line["step"] for line in cloud.run()["progress"]].count("moderation") == 2  # waiting, and the fact
    assert len(cloud.notices()) == 1


@pytest.mark.parametrize(("kind", "action"), [("comment", "keep_hidden"), ("review", "keep_visible")])
def test_nobody_answering_leaves_the_safe_default_of_the_type(play: Play, cloud: Cloud, kind: str, action: str) -> None:
    stage = play(handler).start(content(content_type=kind, timeout_seconds=1))

    assert (stage.result()["status"], stage.result()["action"]) == ("timed_out", action)
    assert cloud.request()["status"] == "timeout"
    assert cloud.run()["moderation"]["action"] == action


def test_withdrawn_content_stays_hidden(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(content(content_type="review"))
    stage.withdraw(stage.waiting("moderation"))

    assert (stage.result()["status"], stage.result()["action"]) == ("cancelled", "keep_hidden")


@pytest.mark.parametrize("decision", ["approved", "Publish", "keep_visible", ""])
def test_another_word_publishes_nothing(play: Play, cloud: Cloud, decision: str) -> None:
    stage = play(handler).start(content())
    stage.answer(stage.waiting("moderation"), decision)

    stage.failure()
    assert "moderation" not in cloud.run()


def test_who_submits_in_the_name_of_another_may_not_decide_either(play: Play, cloud: Cloud) -> None:
    asked = play(handler).start(content(requester="flo")).waiting("moderation")

    assert set(asked["policy"]["exclude"]) == {"ann", "flo"}
    assert asked["requester"] == "flo"

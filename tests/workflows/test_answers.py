"""The item decides, the callback only wakes, and what is not an answer never approves."""

import json
from typing import Any

import pytest

from tests.workflows.claims import claim
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.stage import ErrorObject, actions, verdict
from workflows.expense import handler

GARBAGE = {
    "nothing": None,
    "empty text": "",
    "not JSON": "approved",
    "direction marks": "\u202e{}",
    "null": "null",
    "empty object": "{}",
    "a list": "[]",
    "true": "true",
    "null decision": json.dumps(verdict() | {"decision": None}),
    "wrong case": json.dumps(verdict("APPROVED")),
    "padded": json.dumps(verdict(" approved")),
    "unknown word": json.dumps(verdict("yes")),
    "boolean decision": json.dumps(verdict() | {"decision": True}),
    "nobody": json.dumps(verdict(decided_by="")),
    "no id": json.dumps({key: value for key, value in verdict().items() if key != "decision_id"}),
    "extra key": json.dumps(verdict() | {"approved": True}),
    "naive time": json.dumps(verdict(decided_at="2026-11-21T08:00:00")),
    "time as number": json.dumps(verdict(decided_at=1795248000)),
    "key twice": json.dumps(verdict("rejected"))[:-1] + ', "decision": "approved"}',
    "NaN inside": json.dumps(verdict(response={"amount": float("nan")})),
    "number beyond DynamoDB": json.dumps(verdict()).removesuffix("}") + ', "response": {"amount": 1e999}}',
    "39 digits": json.dumps(verdict(response={"amount": int("1" * 39)})),
    "lone surrogate": json.dumps(verdict(comments="\ud800")),
    "nested too deep": json.dumps(verdict(response={"a": json.loads("[" * 40 + "]" * 40)})),
    "absurdly deep": "[" * 20_000,
    "far too long": json.dumps(verdict(response={"text": "x" * 70_000})),
    "the requester": json.dumps(verdict(decided_by="requester")),
    "withdrawn as a success": json.dumps(verdict("withdrawn")),
}


@pytest.mark.parametrize("payload", GARBAGE.values(), ids=GARBAGE)
def test_an_answer_that_is_not_valid_is_an_error_and_never_an_approval(
    play: Play, cloud: Cloud, payload: str | None
) -> None:
    stage = play(handler).start(claim())
    stage.send(stage.waiting(), payload)

    failure = stage.failure()

    item, run = cloud.request(), cloud.run()
    assert item["status"] == "error"
    assert "decision" not in item
    assert "callback_id" not in item
    assert "not valid" in item["events"][-1]["note"]
    assert item["events"][-1]["note"].isascii() or "…" in item["events"][-1]["note"]
    assert run["status"] == "failed"
    assert run["error"]["message"] == failure.message
    assert "reimbursement" not in run


@pytest.mark.parametrize(
    "recorded",
    [
        verdict("APPROVED"),
        verdict() | {"approved": True},
        {"decision": "approved"},
        verdict(decided_by="requester"),
        "approved",
        None,
    ],
    ids=["wrong case", "extra key", "bare", "the requester", "text", "null"],
)
def test_a_recorded_decision_that_is_not_valid_is_an_error_too(play: Play, cloud: Cloud, recorded: Any) -> None:
    stage = play(handler).start(claim())
    asked = stage.waiting()
    cloud.amend(asked["approval_id"], decision=recorded)
    stage.answer(asked, "approved")

    stage.failure()

    assert cloud.request()["status"] == "error"
    assert cloud.request()["decision"] == recorded


def test_the_recorded_decision_wins_over_what_the_callback_says(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim())
    asked = stage.waiting()
    cloud.amend(asked["approval_id"], decision=verdict("rejected", comments="No"))
    stage.answer(asked, "approved")

    assert stage.result()["status"] == "denied"
    assert cloud.request()["status"] == "rejected"


def test_the_recorded_decision_wins_over_garbage_in_the_callback(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim())
    asked = stage.waiting()
    cloud.amend(asked["approval_id"], decision=verdict())
    stage.send(asked, "{}")

    assert stage.result()["status"] == "succeeded"


def test_the_recorded_decision_wins_over_the_timer(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim(timeout_seconds=2))
    cloud.amend(stage.waiting()["approval_id"], decision=verdict(decided_by="ann"))

    assert stage.result()["status"] == "succeeded"
    assert cloud.request()["status"] == "approved"


def test_an_answer_by_callback_alone_is_taken_and_recorded(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim())
    sent = stage.answer(stage.waiting(), "approved", decided_by="ann")

    assert stage.result()["status"] == "succeeded"
    item = cloud.request()
    assert item["decision"]["decision_id"] == sent["decision_id"]
    assert actions(item) == ["opened", "notified", "decided", "settled"]
    assert item["events"][2]["actor"] == "ann"


def test_votes_beside_the_decision_are_kept(play: Play, cloud: Cloud) -> None:
    votes = [{"user": "ann", "decision": "approved"}, {"user": "bob", "decision": "approved"}]
    stage = play(handler).start(claim())
    stage_item = stage.waiting()
    cloud.amend(stage_item["approval_id"], decision=verdict() | {"votes": votes})
    stage.answer(stage_item)

    assert stage.result()["status"] == "succeeded"
    assert cloud.request()["decision"]["votes"] == votes


@pytest.mark.parametrize(
    "data",
    [None, "", "{}", json.dumps(verdict("approved")), json.dumps(verdict("rejected"))],
    ids=["no data", "empty", "empty object", "an approval", "a rejection"],
)
def test_a_failed_callback_that_is_no_withdrawal_is_an_error(play: Play, cloud: Cloud, data: str | None) -> None:
    stage = play(handler).start(claim())
    error = ErrorObject(message="portal broke", type="Approved", data=data, stack_trace=None)
    stage.runner.send_callback_failure(stage.waiting()["callback_id"], error)

    stage.failure()

    assert cloud.request()["status"] == "error"


def test_a_cancellation_by_an_admin_cancels(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim())
    stage.withdraw(stage.waiting(), "cancelled")

    assert stage.result()["status"] == "cancelled"


def test_a_request_that_was_settled_meanwhile_is_followed_as_it_stands(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim())
    asked = stage.waiting()
    closed = {"seq": 3, "at": "2026-11-21T08:00:00Z", "actor": "reconcile", "action": "closed", "note": "Run ended."}
    cloud.amend(asked["approval_id"], status="cancelled", events=[*asked["events"], closed])
    stage.answer(asked, "approved")

    result = stage.result()

    assert (result["status"], result["reason"]) == ("cancelled", "Run ended.")
    assert cloud.request()["version"] == asked["version"] + 1


@pytest.mark.parametrize(
    "forged",
    [{"status": "approved"}, {"status": "approved", "decision": verdict("rejected")}],
    ids=["no decision", "another decision"],
)
def test_a_status_that_its_decision_does_not_bear_out_is_an_error(
    play: Play, cloud: Cloud, forged: dict[str, Any]
) -> None:
    stage = play(handler).start(claim())
    asked = stage.waiting()
    cloud.amend(asked["approval_id"], **forged)
    stage.answer(asked, "approved")

    stage.failure()

    assert cloud.run()["status"] == "failed"


def test_a_request_that_vanished_is_an_error(play: Play, cloud: Cloud) -> None:
    from tests.workflows.cloud import client

    stage = play(handler).start(claim())
    asked = stage.waiting()
    client("dynamodb").delete_item(TableName=cloud.approvals_table, Key={"approval_id": {"S": asked["approval_id"]}})
    stage.answer(asked, "approved")

    assert "not in its table" in (stage.failure().message or "")
    assert cloud.requests() == []

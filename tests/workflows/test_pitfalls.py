"""The known faults of the published samples, by their number: here each is shown not to be. See docs/pitfalls.md."""

import json
import logging
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from aws_durable_execution_sdk_python import DurableContext

from hitl import store
from hitl.story import logger
from tests.stack import resources, template
from tests.workflows.claims import claim
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.stage import actions, eventually, verdict
from workflows.expense import handler


def test_01_a_rejection_is_delivered_and_ends_the_run(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim())
    stage.decide(stage.waiting(), "rejected", comments="No receipt")

    assert stage.result()["status"] == "denied"
    assert cloud.request()["status"] == "rejected"


@pytest.mark.parametrize("payload", ["", "not json", "{}", '{"decision": null}'])
def test_02_nothing_approves_by_default(play: Play, cloud: Cloud, payload: str) -> None:
    stage = play(handler).start(claim())
    stage.send(stage.waiting(), payload)
    stage.failure()

    assert cloud.request()["status"] == "error"


def test_03_a_resumed_run_writes_no_second_request_and_no_second_notice(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("2000"))
    manager = stage.waiting("manager")
    stage.suspended(1)
    stage.decide(manager)
    finance = stage.waiting("finance")
    stage.suspended(2)
    stage.decide(finance, decided_by="fin")
    result = stage.result()

    assert stage.invocations() >= 3
    assert [item["approval_id"] for item in cloud.requests()] == [
        approval["approval_id"] for approval in result["approvals"]
    ]
    assert len(cloud.notices()) == 2
    assert not any(item["status"] == "pending" for item in cloud.requests())


def test_04_a_timeout_is_an_outcome_on_the_record(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim(timeout_seconds=1))

    assert stage.result()["status"] == "timed_out"
    assert {item["status"] for item in cloud.requests()} == {"timeout"}


def test_05_of_two_decisions_only_the_recorded_one_counts(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim())
    asked = stage.waiting()
    cloud.amend(asked["approval_id"], decision=verdict("rejected", decided_by="ann", comments="ann first"))
    stage.answer(asked, "approved", decided_by="bob")

    assert stage.result()["reason"] == "ann first"
    assert cloud.request()["decision"]["decided_by"] == "ann"


def test_06_a_decision_whose_callback_was_lost_still_counts(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim(timeout_seconds=2))
    cloud.amend(stage.waiting()["approval_id"], decision=verdict())

    assert stage.result()["status"] == "succeeded"


def test_07_every_time_is_utc_and_says_so(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim())
    stage.answer(stage.waiting())
    stage.result()

    item, run = cloud.request(), cloud.run()
    times = [item[name] for name in ("created_at", "updated_at", "expires_at", "settled_at")]
    times += [item["decision"]["decided_at"], run["created_at"], run["updated_at"]]
    times += [line["at"] for line in (*item["events"], *run["progress"])]
    assert all(time.endswith("Z") and datetime.fromisoformat(time).tzinfo for time in times)


def test_08_no_link_that_decides_is_ever_sent(play: Play, cloud: Cloud) -> None:
    asked = play(handler).start(claim()).waiting()
    [sent] = eventually(lambda: cloud.notices() or None)

    assert asked["callback_id"] not in json.dumps(sent)
    assert sent["Message"].count("http") == 1
    assert f"https://portal.example/requests/{asked['approval_id']}/" in sent["Message"]


def test_14_the_execution_outlives_the_longest_wait() -> None:
    limit = resources()["ExpenseWorkflow"]["Properties"]["DurableConfig"]["ExecutionTimeout"]

    assert limit > 4 * template()["Parameters"]["MaxTimeoutSeconds"]["MaxValue"]


def test_16_a_side_effect_is_one_write_under_its_own_key(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    update, writes = store.dynamodb().update_item, []

    def lost_answer(**arguments: Any) -> Any:
        answer = update(**arguments)
        if "#reimbursement" in arguments["ExpressionAttributeNames"]:
            writes.append(answer["Attributes"]["reimbursement"])
            raise ConnectionError("the answer was lost")
        return answer

    monkeypatch.setattr(store.dynamodb(), "update_item", lost_answer)
    result = play(handler).start(claim("10")).result()

    assert len(writes) == 1
    assert cloud.run()["reimbursement"]["reimbursement_id"] == result["reimbursement_id"]


def test_20_a_wait_that_the_execution_could_not_survive_is_refused(play: Play, cloud: Cloud) -> None:
    longest = template()["Parameters"]["MaxTimeoutSeconds"]["MinValue"]
    play(handler).start(claim(timeout_seconds=longest + 1)).failure()

    assert "timeout_seconds" in cloud.run()["error"]["message"]


def test_21_progress_never_walks_back_and_no_line_is_repeated(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("2000"))
    stage.decide(stage.waiting("manager"))
    stage.decide(stage.waiting("finance"), decided_by="fin")
    stage.result()

    lines = cloud.run()["progress"]
    assert len({line["step"] for line in lines}) == len(lines)
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(earlier["at"] <= later["at"] for earlier, later in pairwise(lines))


@pytest.mark.parametrize("truthy", ["false", "true", 1, True, ["approved"], {"approved": True}])
def test_22_a_truthy_value_is_no_approval(play: Play, cloud: Cloud, truthy: object) -> None:
    stage = play(handler).start(claim())
    stage.send(stage.waiting(), json.dumps(verdict() | {"decision": truthy}))
    stage.failure()

    assert "reimbursement" not in cloud.run()


def test_26_the_reimbursement_is_recorded_once_under_an_id_of_its_own(play: Play, cloud: Cloud) -> None:
    stage = play(handler).start(claim("10"))
    result = stage.result()
    events = stage.runner.get_execution_history(stage.arn).events
    names = [event.name for event in events if event.event_type == "StepSucceeded"]

    assert names.index("reimbursement id") < names.index("record reimbursement")
    assert cloud.run()["reimbursement"]["reimbursement_id"] == result["reimbursement_id"]


def test_27_a_failure_that_speaks_of_a_timeout_is_not_a_timeout(play: Play, cloud: Cloud) -> None:
    from tests.workflows.stage import ErrorObject

    stage = play(handler).start(claim())
    error = ErrorObject(message="Callback timed out: timeout", type="Timeout", data=None, stack_trace=None)
    stage.runner.send_callback_failure(stage.waiting()["callback_id"], error)
    stage.failure()

    assert cloud.request()["status"] == "error"


def test_28_a_second_run_of_the_same_expense_replaces_nothing(play: Play, cloud: Cloud) -> None:
    first, second = play(handler).start(claim()), play(handler).start(claim())
    first.decide(first.waiting(), "rejected")
    second.decide(second.waiting())

    assert (first.result()["status"], second.result()["status"]) == ("denied", "succeeded")
    assert sorted(item["status"] for item in cloud.requests()) == ["approved", "rejected"]


def test_30_the_row_is_there_before_anybody_can_answer_and_a_late_answer_finds_it_settled(
    play: Play, cloud: Cloud
) -> None:
    stage = play(handler).start(claim())
    asked = stage.waiting()
    assert cloud.request()["callback_id"] == asked["callback_id"]
    stage.decide(asked, "rejected")
    stage.result()

    assert not cloud.write_if_open(asked["approval_id"], verdict("approved"))
    assert "callback_id" not in cloud.request()
    assert cloud.request()["status"] == "rejected"


@pytest.mark.parametrize("word", ["Approved", "APPROVED", "approve", "approved ", "yes", "", "rejectd", None])
def test_31_no_spelling_but_the_exact_one_decides(play: Play, cloud: Cloud, word: str | None) -> None:
    stage = play(handler).start(claim())
    stage.send(stage.waiting(), json.dumps(verdict() | {"decision": word}))
    stage.failure()

    assert cloud.request()["status"] == "error"


def test_34_the_timeout_of_the_stack_is_the_one_that_is_used(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows import expense

    monkeypatch.setenv("APPROVAL_TIMEOUT_SECONDS", "7200")
    expense.limits.cache_clear()
    asked = play(handler).start(claim()).waiting()
    waits = datetime.fromisoformat(asked["expires_at"]) - datetime.fromisoformat(asked["created_at"])

    assert 7190 < waits.total_seconds() <= 7200


def test_36_no_requester_decides_and_no_log_shows_the_callback_id(
    play: Play, cloud: Cloud, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO):
        stage = play(handler).start(claim())
        asked = stage.waiting()
        stage.decide(asked, decided_by="Requester")
        stage.failure()

    ours = [record.getMessage() for record in caplog.records if "_testing" not in record.name]
    output = capsys.readouterr()
    assert asked["callback_id"] not in " ".join(ours) + output.out + output.err
    assert cloud.request()["status"] == "error"
    assert actions(cloud.request())[-1] == "settled"


def test_36_the_logger_of_a_replayed_workflow_is_the_structured_one(play: Play, cloud: Cloud) -> None:
    from hitl import Run, WorkflowInput, workflow

    class Nothing(WorkflowInput):
        pass

    seen: list[object] = []

    @workflow("demo", takes=Nothing)
    def demo(context: DurableContext, run: Run, _: Nothing) -> dict[str, Any]:
        seen.append(context.logger.get_logger())
        return run.succeed({})

    play(demo).start({}).result()

    assert seen == [logger]

"""The record of a run: every line once, the first ending kept, nobody else's run touched."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.config import Duration
from aws_durable_execution_sdk_python.exceptions import (
    InvocationError,
    NonDeterministicExecutionError,
)
from aws_durable_execution_sdk_python_testing.executor import Executor
from botocore.exceptions import ClientError, EndpointConnectionError

from hitl import Outcome, Run, RunFailed, Verdict, WorkflowInput, runs, settings, store, workflow
from hitl.identity import run_name_of
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play

type Body = Callable[[DurableContext, Run], dict[str, Any]]


class Nothing(WorkflowInput):
    requester_field: ClassVar[str] = "requester"
    requester: str = "rita"


def telling(body: Body) -> Callable[[Any, Any], Any]:
    """A workflow that does this and nothing else."""

    @workflow("demo", takes=Nothing)
    def handler(context: DurableContext, run: Run, _: Nothing) -> dict[str, Any]:
        return body(context, run)

    return handler


def test_a_replay_writes_no_line_twice(play: Play, cloud: Cloud) -> None:
    def body(context: DurableContext, run: Run) -> dict[str, Any]:
        for number in range(3):
            run.progress("working", f"Part {number}.", level="warning")
            context.wait(Duration.from_seconds(1), name=f"pause {number}")
        return run.succeed({"parts": 3})

    stage = play(telling(body)).start({})

    assert stage.result() == {"run_name": stage.run_name, "status": "succeeded", "parts": 3}
    assert stage.invocations() >= 4
    lines = cloud.run()["progress"]
    assert [line["message"] for line in lines] == ["Started.", "Part 0.", "Part 1.", "Part 2.", "Finished."]
    assert [line["seq"] for line in lines] == [1, 2, 3, 4, 5]
    assert cloud.run()["version"] == 5


def test_the_first_ending_stands(play: Play, cloud: Cloud) -> None:
    def body(context: DurableContext, run: Run) -> dict[str, Any]:
        run.succeed({"paid": True})
        run.progress("afterwards", "Too late.")
        raise RunFailed("Too late as well.")

    play(telling(body)).start({}).failure()

    assert cloud.run()["status"] == "succeeded"
    assert cloud.run()["progress"][-1]["step"] == "succeeded"


def test_a_fault_of_the_code_is_seen_in_the_run_and_by_lambda(play: Play, cloud: Cloud) -> None:
    def body(context: DurableContext, run: Run) -> dict[str, Any]:
        raise KeyError("a bug")

    assert play(telling(body)).start({}).failure().type == "KeyError"
    assert cloud.run()["status"] == "failed"
    assert cloud.run()["error"] == {"type": "KeyError", "message": "'a bug'"}


def test_a_failed_step_is_seen_in_the_run(play: Play, cloud: Cloud) -> None:
    def body(context: DurableContext, run: Run) -> dict[str, Any]:
        def charge(_: object) -> None:
            raise ConnectionError("the bank is closed")

        context.step(charge, name="charge")
        return {}

    play(telling(body)).start({}).failure()

    assert cloud.run()["error"] == {"type": "StepError", "message": "the bank is closed"}


@pytest.mark.parametrize(
    "control",
    [NonDeterministicExecutionError("the code changed"), InvocationError("the sandbox is broken")],
    ids=["non-determinism", "broken invocation"],
)
def test_19_the_sdks_own_errors_pass_through_untouched(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, control: Exception
) -> None:
    monkeypatch.setattr(Executor, "RETRY_BACKOFF_SECONDS", 0)

    def body(context: DurableContext, run: Run) -> dict[str, Any]:
        raise control

    play(telling(body)).start({}).failure()

    assert cloud.run()["status"] == "running"


def test_a_control_error_while_recording_a_failure_passes_through_too(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Executor, "RETRY_BACKOFF_SECONDS", 0)

    def broken(*_: object) -> None:
        raise InvocationError("the sandbox is broken")

    monkeypatch.setattr(Run, "fail", broken)

    def body(context: DurableContext, run: Run) -> dict[str, Any]:
        raise RunFailed("no")

    assert "sandbox" in (play(telling(body)).start({}).failure().message or "")


def test_a_failure_that_cannot_be_recorded_still_fails_with_its_own_reason(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def body(context: DurableContext, run: Run) -> dict[str, Any]:
        def down(**_: object) -> None:
            raise EndpointConnectionError(endpoint_url="http://nowhere")

        monkeypatch.setattr(store.dynamodb(), "update_item", down)
        raise RunFailed("the real reason")

    assert play(telling(body)).start({}).failure().message == "the real reason"


def test_19_a_name_that_another_execution_has_is_left_alone(play: Play, cloud: Cloud) -> None:
    def body(context: DurableContext, run: Run) -> dict[str, Any]:
        return run.succeed({})

    stage = play(telling(body))
    put = store.Table.put_new

    def taken(self: store.Table, item: dict[str, Any], *lines: Any) -> bool:
        put(self, item | {"run_arn": "somebody/else", "title": "theirs"}, *lines)
        return put(self, item, *lines)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.Table, "put_new", taken)
        failure = stage.start({}).failure()

    assert "belongs to another execution" in (failure.message or "")
    assert cloud.run()["title"] == "theirs"
    assert cloud.run()["version"] == 1


@pytest.mark.parametrize(("code", "expected"), [("ValidationException", 1), ("AccessDeniedException", 24)])
def test_only_what_can_heal_is_tried_again(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, code: str, expected: int
) -> None:
    tries: list[int] = []

    def refused(**_: object) -> None:
        tries.append(1)
        raise ClientError({"Error": {"Code": code}}, "PutItem")

    monkeypatch.setattr(store.dynamodb(), "put_item", refused)
    play(telling(lambda context, run: {})).start({}).failure()

    assert len(tries) == expected


def test_a_missing_setting_fails_the_run_at_once_by_name(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNS_TABLE_NAME")
    settings.settings.cache_clear()

    assert "RUNS_TABLE_NAME" in (play(telling(lambda context, run: {})).start({}).failure().message or "")


def test_what_can_be_recorded_once_is_recorded_once(play: Play, cloud: Cloud) -> None:
    def body(context: DurableContext, run: Run) -> dict[str, Any]:
        first = run.record_once("payment", {"id": "p-1", "amount": Decimal("1.50")}, "Paid.")
        second = run.record_once("payment", {"id": "p-2", "amount": Decimal(9)}, "Paid again.")
        return run.succeed({"first": first["id"], "second": second["id"]})

    result = play(telling(body)).start({}).result()

    assert (result["first"], result["second"]) == ("p-1", "p-1")
    assert cloud.run()["payment"] == {"id": "p-1", "amount": Decimal("1.5")}
    assert [line["message"] for line in cloud.run()["progress"]].count("Paid again.") == 0


def test_an_oversized_result_fails_visibly(play: Play, cloud: Cloud) -> None:
    play(telling(lambda context, run: run.succeed({"text": "x" * 60_000}))).start({}).failure()

    assert cloud.run()["status"] == "failed"
    assert "return a reference" in cloud.run()["error"]["message"]


def test_an_approval_is_no_reason_to_stop(play: Play, cloud: Cloud) -> None:
    yes = Verdict(outcome=Outcome.APPROVED, approval_id="a")

    play(telling(lambda context, run: run.stop(yes))).start({}).failure()

    assert cloud.run()["status"] == "failed"


def test_an_overlong_message_is_cut(play: Play, cloud: Cloud) -> None:
    def body(context: DurableContext, run: Run) -> dict[str, Any]:
        run.progress("talking", "x" * 2_000)
        return run.succeed({})

    play(telling(body)).start({}).result()

    assert len(cloud.run()["progress"][1]["message"]) == 500


def test_a_table_under_constant_contention_gives_up_for_the_step_to_retry(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.Table, "_write", lambda *_: None)
    store.approvals().put_new({"approval_id": "a.b"}, store.entry("workflow", "opened", ""))

    with pytest.raises(store.ContentionError, match="12 times"):
        store.approvals().amend("a.b", lambda _: store.Amendment())


def test_a_write_in_between_is_neither_lost_nor_given_the_same_number(cloud: Cloud) -> None:
    table, tries = store.approvals(), 0
    table.put_new({"approval_id": "a.b"}, store.entry("workflow", "opened", ""))

    def change(item: dict[str, Any]) -> store.Amendment:
        nonlocal tries
        tries += 1
        if tries == 1:
            theirs = store.Amendment(entries=(store.entry("portal", "decided", "theirs"),))
            table.amend("a.b", lambda _: theirs)
        return store.Amendment(entries=(store.entry("workflow", "settled", "ours"),))

    table.amend("a.b", change)

    assert [event["note"] for event in cloud.request()["events"]] == ["", "theirs", "ours"]
    assert [event["seq"] for event in cloud.request()["events"]] == [1, 2, 3]
    assert cloud.request()["version"] == 3


def test_plain_values_have_one_form() -> None:
    when = datetime(2026, 11, 21, 9, tzinfo=UTC)
    value = {"when": when, "day": date(2026, 11, 21), "list": (1, True, None), "money": Decimal("1.50")}

    assert runs.plain(value)["money"] == Decimal("1.50")
    assert runs.json_ready(value) == {
        "when": "2026-11-21T09:00:00.000000Z",
        "day": "2026-11-21",
        "list": [1, True, None],
        "money": "1.50",
    }
    with pytest.raises(TypeError, match="float"):
        runs.plain({"money": 1.5})


def test_a_run_is_named_by_its_execution() -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:cs-workflow-expense:7/durable-execution/expense-7k3m9q/0f-1"

    assert run_name_of(arn) == "expense-7k3m9q"
    assert run_name_of("5e32656c/inv-1") == "5e32656c"

"""request_approval as a workflow engineer uses it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aws_durable_execution_sdk_python import DurableContext, durable_execution
from botocore.exceptions import EndpointConnectionError
from pydantic import BaseModel

from hitl import Outcome, Policy, Run, Verdict, WorkflowInput, request_approval, store, workflow
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.stage import actions, verdict

OWNERS = Policy(groups=("owners",))


def asking(**arguments: Any) -> Callable[[Any, Any], Any]:
    """A bare durable function that asks once and returns what came."""

    @durable_execution
    def handler(_event: Any, context: DurableContext) -> dict[str, Any]:
        asked = {"stage": "owner", "title": "Rename", "policy": OWNERS, "timeout": timedelta(hours=1)} | arguments
        return told(request_approval(context, **asked))

    return handler


def told(came: Verdict) -> dict[str, Any]:
    return {
        "outcome": came.outcome.value,
        "decision": came.decision,
        "reason": came.reason,
        "by": came.decided_by,
        "response": json.loads(json.dumps(came.response, default=str)),
        "approval_id": came.approval_id,
    }


def test_a_bare_durable_function_can_ask(play: Play, cloud: Cloud) -> None:
    stage = play(asking(workflow="rename", requester="rita")).start({})
    asked = stage.waiting("owner")
    stage.decide(asked, decided_by="omar")

    assert stage.result() == {
        "outcome": "approved",
        "decision": "approved",
        "reason": "Looks right",
        "by": "omar",
        "response": None,
        "approval_id": asked["approval_id"],
    }
    assert (asked["workflow"], asked["requester"]) == ("rename", "rita")


def test_the_first_option_is_the_yes_and_any_other_a_no(play: Play, cloud: Cloud) -> None:
    options = ("published", "removed")
    yes, no = (play(asking(options=options)).start({}) for _ in range(2))
    yes.decide(yes.waiting("owner"), "published")
    no.decide(no.waiting("owner"), "removed")

    assert (yes.result()["outcome"], no.result()["outcome"]) == ("approved", "rejected")
    assert no.result()["decision"] == "removed"
    assert {item["status"] for item in cloud.requests()} == {"approved", "rejected"}


def test_the_default_words_are_no_answer_where_the_options_are_others(play: Play, cloud: Cloud) -> None:
    stage = play(asking(options=("published", "removed"))).start({})
    stage.decide(stage.waiting("owner"), "approved")

    assert stage.result()["outcome"] == "error"


class Terms(BaseModel):
    ceiling: Decimal
    months: int


@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "by callback"])
def test_a_structured_answer_arrives_checked(play: Play, cloud: Cloud, recorded: bool) -> None:
    stage = play(asking(response_schema=Terms)).start({})
    asked = stage.waiting("owner")
    assert json.loads(asked["response_schema"])["required"] == ["ceiling", "months"]
    answer = verdict(response={"ceiling": Decimal("25000.5"), "months": 12})
    if recorded:
        cloud.amend(asked["approval_id"], decision=answer)
    stage.send(asked, json.dumps(answer, default=float))

    assert stage.result()["response"] == {"ceiling": "25000.5", "months": 12}


@pytest.mark.parametrize(
    ("response", "decision", "outcome"),
    [
        (None, "approved", "error"),
        ({"ceiling": "much", "months": 12}, "approved", "error"),
        (None, "rejected", "rejected"),
    ],
)
def test_a_structured_answer_that_does_not_fit_is_an_error(
    play: Play, cloud: Cloud, response: Any, decision: str, outcome: str
) -> None:
    stage = play(asking(response_schema=Terms)).start({})
    stage.decide(stage.waiting("owner"), decision, response=response)

    assert stage.result()["outcome"] == outcome


def test_the_deadline_counts_from_the_start_of_the_callback(play: Play, cloud: Cloud) -> None:
    stage = play(asking(timeout=timedelta(seconds=90.2))).start({})
    asked = stage.waiting("owner")
    events = stage.runner.get_execution_history(stage.arn).events
    [began] = [event.event_timestamp for event in events if event.event_type == "CallbackStarted"]

    assert datetime.fromisoformat(asked["expires_at"]) == began + timedelta(seconds=91)
    assert asked["expires_at"].endswith("Z")


def test_the_same_stage_asked_again_is_a_new_request(play: Play, cloud: Cloud) -> None:
    @durable_execution
    def handler(_event: Any, context: DurableContext) -> list[str]:
        ask = {"stage": "owner", "title": "Rename", "policy": OWNERS, "timeout": timedelta(hours=1)}
        return [request_approval(context, **ask).approval_id for _ in range(3)]

    stage = play(handler).start({})
    for name in ("owner", "owner.2", "owner.3"):
        stage.decide(stage.waiting(name))

    assert json.loads(stage.end().result or "") == [
        f"{stage.run_name}.{name}" for name in ("owner", "owner.2", "owner.3")
    ]
    assert len(cloud.notices()) == 3


def test_a_silent_heartbeat_counts_as_no_answer(play: Play, cloud: Cloud) -> None:
    stage = play(asking(heartbeat=timedelta(seconds=1))).start({})

    assert stage.result()["outcome"] == "timeout"
    assert cloud.request()["heartbeat_seconds"] == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"stage": "Manager Stage"}, "stage must be"),
        ({"title": " "}, "title must have"),
        ({"title": "x" * 201}, "title must have"),
        ({"timeout": timedelta(0)}, "timeout must be a second"),
        ({"heartbeat": timedelta(milliseconds=1)}, "heartbeat must be a second"),
        ({"amount": 12.5, "currency": "EUR"}, "amount must be a finite Decimal"),
        ({"amount": Decimal("NaN"), "currency": "EUR"}, "amount must be a finite Decimal"),
        ({"amount": Decimal(12)}, "belong together"),
        ({"options": ("rejected", "approved")}, "first option is the yes"),
        ({"options": ("yes", "yes")}, "options must be different"),
        ({"options": ("withdrawn",)}, "options must be different"),
        ({"options": ()}, "options must be different"),
        ({"policy": Policy(users=("rita",)), "requester": "rita"}, "nobody could settle it"),
        ({"details": {"price": 1.5}}, "float has no plain form"),
        ({"details": {"scan": "x" * 300_000}}, "store large content"),
    ],
)
def test_a_wrong_question_fails_before_anybody_is_asked(
    play: Play, cloud: Cloud, wrong: dict[str, Any], said: str
) -> None:
    assert said in (play(asking(**wrong)).start({}).failure().message or "")
    assert cloud.requests() == []


def test_a_request_of_another_run_is_never_taken_over(play: Play, cloud: Cloud) -> None:
    stage = play(asking())
    original = stage.start({})
    asked = original.waiting("owner")
    foreign = asked | {"run_arn": "somebody/else"}
    cloud.put(cloud.approvals_table, foreign)
    original.answer(asked)

    assert stage.result()["outcome"] == "error"
    assert cloud.request() == foreign


def broken_table(monkeypatch: pytest.MonkeyPatch, call: str, table: str, error: Exception) -> None:
    real = getattr(store.dynamodb(), call)

    def broken(**arguments: Any) -> Any:
        if arguments["TableName"] == table:
            raise error
        return real(**arguments)

    monkeypatch.setattr(store.dynamodb(), call, broken)


DOWN = EndpointConnectionError(endpoint_url="http://nowhere")


def test_a_request_that_cannot_be_written_fails_closed(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_table(monkeypatch, "put_item", cloud.approvals_table, DOWN)

    result = play(asking()).start({}).result()

    assert result["outcome"] == "error"
    assert "before anybody was asked" in result["reason"]
    assert cloud.requests() == []


def test_a_request_that_cannot_be_announced_settles_as_an_error(
    play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hitl import ask

    def fail(*_: Any) -> None:
        raise LookupError("a fault that stays")

    monkeypatch.setattr(ask, "notify_once", fail)

    result = play(asking()).start({}).result()

    assert result["outcome"] == "error"
    assert cloud.request()["status"] == "error"
    assert actions(cloud.request()) == ["opened", "settled"]


def test_a_request_taken_by_another_run_fails_closed(play: Play, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    put = store.dynamodb().put_item

    def taken(**arguments: Any) -> Any:
        put(**arguments | {"Item": arguments["Item"] | {"run_arn": {"S": "somebody/else"}}})
        return put(**arguments)

    monkeypatch.setattr(store.dynamodb(), "put_item", taken)

    assert play(asking()).start({}).result()["outcome"] == "error"
    assert cloud.request()["status"] == "pending"
    assert cloud.notices() == []


def test_parallel_branches_ask_under_their_own_names(play: Play, cloud: Cloud) -> None:
    class Nothing(WorkflowInput):
        pass

    def branch(run: Run, stage: str) -> Callable[[DurableContext], str]:
        def ask(context: DurableContext) -> str:
            run.progress(f"before {stage}", "Going to ask.", context=context)
            came = request_approval(
                context, run=run, stage=stage, title="Rename", policy=OWNERS, timeout=timedelta(hours=1)
            )
            return came.outcome

        return ask

    @workflow("rename", takes=Nothing)
    def handler(context: DurableContext, run: Run, _: Nothing) -> dict[str, Any]:
        found = context.parallel([branch(run, "legal"), branch(run, "brand")], name="both")
        found.throw_if_error()
        return run.succeed({"outcomes": found.get_results()})

    stage = play(handler).start({})
    for name in ("legal", "brand"):
        stage.decide(stage.waiting(name))

    assert stage.result()["outcomes"] == [Outcome.APPROVED, Outcome.APPROVED]
    assert len(cloud.run()["progress"]) == 8


def test_a_verdict_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match="approved"):
        bool(Verdict(outcome=Outcome.REJECTED, approval_id="a"))

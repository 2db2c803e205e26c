"""The approval API: what operators can do without the portal, and what they cannot."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException
from botocore.exceptions import ClientError

from functions import approval_api
from hitl import Policy, Run, WorkflowInput, request_approval, workflow
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play
from tests.workflows.stage import Stage, actions

DECIDE = {"action": "decide", "approval_id": "a.b", "decision": "approved", "approver": "mona"}


class Ask(WorkflowInput):
    requester: str
    users: list[str] = []
    required: int = 1


@workflow("ask", takes=Ask)
def handler(context: Any, run: Run, ask: Ask) -> dict[str, Any]:
    from datetime import timedelta

    policy = Policy(groups=() if ask.users else ("managers",), users=tuple(ask.users), required=ask.required)
    verdict = request_approval(
        context, run=run, stage="owner", title="May I?", policy=policy, timeout=timedelta(minutes=5)
    )
    return run.succeed({"by": verdict.decided_by}) if verdict.approved else run.stop(verdict)


@pytest.fixture
def stage(play: Play, monkeypatch: pytest.MonkeyPatch) -> Stage:
    playing = play(handler)

    def send(*, CallbackId: str, Result: bytes) -> None:  # noqa: N803 - boto3's names
        try:
            playing.runner.send_callback_success(CallbackId, Result)
        except ResourceNotFoundException:
            raise ClientError({"Error": {"Code": "CallbackTimeoutException"}}, "Send") from None

    client = SimpleNamespace(send_durable_execution_callback_success=send)
    monkeypatch.setattr(approval_api, "lambdas", lambda: client)
    return playing


def call(**event: Any) -> tuple[int, dict[str, Any]]:
    answer = approval_api.handler(event, SimpleNamespace(aws_request_id="req-7"))
    return answer["statusCode"], json.loads(answer["body"])


def decide(approval_id: str, **fields: Any) -> tuple[int, dict[str, Any]]:
    return call(
        **({"action": "decide", "approval_id": approval_id, "decision": "approved", "approver": "mona"} | fields)
    )


def test_a_decision_is_written_and_wakes_the_run(stage: Stage, cloud: Cloud) -> None:
    asked = stage.start({"requester": "rita"}).waiting("owner")
    status, body = decide(asked["approval_id"], comments="By telephone")

    assert (status, body["workflow_woken"]) == (200, True)
    assert stage.result()["by"] == "mona"
    item = cloud.request()
    assert (item["status"], item["decision"]["comments"]) == ("approved", "By telephone")
    assert actions(item) == ["opened", "notified", "decided", "settled"]
    assert item["events"][2]["actor"] == "approval-api"
    note = item["events"][2]["note"]
    assert "in the name of mona" in note
    assert "req-7" in note


def test_05_the_second_decider_is_told_who_was_first(stage: Stage, cloud: Cloud) -> None:
    asked = stage.start({"requester": "rita"}).waiting("owner")
    decide(asked["approval_id"])
    status, body = decide(asked["approval_id"], approver="nils", decision="rejected")

    assert status == 409
    assert "approved by mona" in body["error"]
    assert stage.result()["by"] == "mona"


@pytest.mark.parametrize(
    ("policy", "approver", "part"),
    [
        ({"required": 2}, "mona", "https://portal.example/requests/"),
        ({}, "rita", "rita may not decide"),
        ({}, "RITA", "RITA may not decide"),
        ({}, "Rita ", "may not decide"),
        ({}, "ri\N{ZERO WIDTH SPACE}ta", "may not decide"),
        ({}, "\N{FULLWIDTH LATIN SMALL LETTER R}ita", "may not decide"),
        ({"users": ["olga"]}, "mona", "not among those"),
    ],
)
def test_it_decides_only_where_this_one_person_suffices(
    stage: Stage, cloud: Cloud, policy: dict[str, Any], approver: str, part: str
) -> None:
    asked = stage.start({"requester": "rita"} | policy).waiting("owner")
    status, body = decide(asked["approval_id"], approver=approver)

    assert status == 409
    assert part in body["error"]
    assert "decision" not in cloud.request()


def test_24_no_answer_shows_the_callback_id(stage: Stage, cloud: Cloud) -> None:
    asked = stage.start({"requester": "rita"}).waiting("owner")
    answers = [call(action="list"), call(action="get", approval_id=asked["approval_id"]), decide(asked["approval_id"])]

    assert [status for status, _ in answers] == [200, 200, 200]
    assert asked["approval_id"] in json.dumps(answers[0])
    assert "callback_id" not in json.dumps(answers)
    assert asked["callback_id"] not in json.dumps(answers)


def test_25_a_callback_that_is_closed_already_leaves_the_decision_standing(
    stage: Stage, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(**_: object) -> None:
        raise ClientError({"Error": {"Code": "CallbackTimeoutException"}}, "Send")

    monkeypatch.setattr(
        approval_api, "lambdas", lambda: SimpleNamespace(send_durable_execution_callback_success=closed)
    )
    asked = stage.start({"requester": "rita"}).waiting("owner")
    status, body = decide(asked["approval_id"])

    assert (status, body["workflow_woken"]) == (200, False)
    assert cloud.request()["decision"]["decided_by"] == "mona"


def test_35_what_waits_longest_is_listed_first_and_what_is_left_off_is_said(
    stage: Stage, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (stage.start({"requester": "rita"}).waiting("owner")["approval_id"] for _ in range(2))
    _, whole = call(action="list")
    monkeypatch.setattr(approval_api, "LISTED", 1)
    _, part = call(action="list")

    assert ([one["approval_id"] for one in whole["requests"]], whole["more"]) == ([first, second], False)
    assert ([one["approval_id"] for one in part["requests"]], part["more"]) == ([first], True)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({}, '"action" must be list, get or decide: {"action": "list"} lists what waits.'),
        ({"action": "delete"}, '"action" must be list, get or decide: {"action": "list"} lists what waits.'),
        ({"action": ["list"]}, '"action" must be list, get or decide: {"action": "list"} lists what waits.'),
        (
            {"action": "get"},
            '"approval_id" is missing: give the id of a request as text of 1 to 200 characters, such as '
            "expense-1042.manager.",
        ),
        (
            {"action": "list", "status": "open"},
            '"status" must be one of pending, approved, rejected, timeout, cancelled, error.',
        ),
        (DECIDE | {"decision": "APPROVED"}, '"decision" must be approved or rejected.'),
        (DECIDE | {"decision": True}, '"decision" must be approved or rejected.'),
        (
            {name: value for name, value in DECIDE.items() if name != "approver"},
            '"approver" is missing: give the username of who decides, as text of 1 to 150 characters on one line.',
        ),
        (
            DECIDE | {"approver": "mo\nna"},
            '"approver" must be the username of who decides, as text of 1 to 150 characters on one line.',
        ),
        (DECIDE | {"comments": "x" * 10_001}, '"comments" must be text of at most 10000 characters.'),
        (
            DECIDE | {"för\n": True},
            '"f\\xf6r\n" is not a field of decide, which takes action, approval_id, decision, approver, comments: '
            "leave it out.",
        ),
    ],
)
def test_10_a_call_that_is_not_exactly_one_is_refused_with_what_to_do(
    cloud: Cloud, event: dict[str, Any], said: str
) -> None:
    assert call(**event) == (400, {"error": said})


@pytest.mark.parametrize("event", [None, [], "list", 7])
def test_what_is_no_object_is_told_what_a_call_looks_like(event: object) -> None:
    answer = approval_api.handler(event, SimpleNamespace(aws_request_id="req-7"))
    assert json.loads(answer["body"]) == {"error": 'Send a JSON object, such as {"action": "list"}.'}


def test_several_faults_are_told_each_and_many_are_counted() -> None:
    status, body = call(action="decide", decision="maybe", **{f"more{number}": 1 for number in range(5)})
    assert status == 400
    assert body["error"].startswith('"approval_id" is missing: ')
    assert body["error"].endswith("And 3 more.")


def test_a_request_that_is_not_there_is_not_found(cloud: Cloud) -> None:
    assert call(action="get", approval_id="nobody.owner")[0] == 404
    assert decide("nobody.owner")[0] == 404


@pytest.mark.parametrize(("required", "status"), [([], 200), (["months"], 409)])
def test_a_form_may_be_left_out_only_where_nothing_in_it_is_needed(
    stage: Stage, cloud: Cloud, required: list[str], status: int
) -> None:
    asked = stage.start({"requester": "rita"}).waiting("owner")
    schema = {"type": "object", "properties": {"months": {"type": "integer"}}, "required": required}
    cloud.amend(asked["approval_id"], response_schema=json.dumps(schema))
    assert decide(asked["approval_id"])[0] == status

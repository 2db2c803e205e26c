"""The gateway answers as AWS Lambda does, with MiniStack and AWS's own local runner behind it."""

import contextlib
import io
import json
import site
import sqlite3
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from local.gateway import Gateway
from local.invocations import DurableConfig
from local.ministack import MiniStack
from local.processes import Child, free_port
from local.runner import health_url, runner
from tests.cloud.conftest import Client, client_maker
from tests.waiting import eventually

pytestmark = pytest.mark.cloud

DURABLE = {"asker": DurableConfig(1000, 7)}
ASKER = "arn:aws:lambda:us-east-1:000000000000:function:asker:1"


class Asked(NamedTuple):
    """What a running asker told."""

    callback_id: str
    own_arn: str


class Bench:
    """A gateway in this process, with the asker deployed behind it."""

    durable = DURABLE
    source, handlers = "asker.py", (("asker", "asker.handler"), ("plain", "asker.plain"))

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port, self.runner_port = free_port(), free_port()
        url = f"http://127.0.0.1:{self.port}"
        self.ministack = MiniStack(log=directory / "ministack.log", function_env={"AWS_ENDPOINT_URL_LAMBDA": url})
        self.ministack.start()
        self.runner = self.new_runner().start()
        self.runner.wait_for_http(health_url(self.runner_port))
        self.gateway = self.new_gateway()
        self.client: Client = client_maker(self.ministack.url, url)
        self.aws = self.client("lambda")
        self.create_functions()
        self.queue_url = self.create_rule()

    def new_runner(self) -> Child:
        store, log = self.directory / "executions.sqlite3", self.directory / "runner.log"
        return runner(self.runner_port, f"http://127.0.0.1:{self.port}", self.durable, store, log, plain=["plain"])

    def new_gateway(self) -> Gateway:
        runner_url, state = f"http://127.0.0.1:{self.runner_port}", self.directory / "runs.sqlite3"
        gateway = Gateway(self.port, self.ministack.url, runner_url, self.durable, state)
        gateway.start()
        return gateway

    def create_functions(self) -> None:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.write(Path(__file__).with_name(self.source), self.source)
        for name, handler in self.handlers:
            self.aws.create_function(
                FunctionName=name,
                Runtime="python3.13",
                Role="arn:aws:iam::000000000000:role/any",
                Handler=handler,
                Code={"ZipFile": code.getvalue()},
                Timeout=30,
                Environment={"Variables": {"SDK_PATH": site.getsitepackages()[0]}},
            )
        for name in self.durable:
            version = self.aws.publish_version(FunctionName=name)["Version"]
            self.aws.create_alias(FunctionName=name, Name="live", FunctionVersion=version)

    def create_rule(self) -> str:
        events, sqs = self.client("events"), self.client("sqs")
        pattern = {"source": ["aws.lambda"], "detail": {"functionArn": [{"prefix": ASKER.removesuffix("1")}]}}
        events.put_rule(Name="status", EventPattern=json.dumps(pattern))
        queue_url: str = sqs.create_queue(QueueName="status")["QueueUrl"]
        events.put_targets(Rule="status", Targets=[{"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:status"}])
        return queue_url

    def start(self, name: str, payload: object, function: str = "asker:live") -> str:
        answer = self.aws.invoke(
            FunctionName=function, InvocationType="Event", DurableExecutionName=name, Payload=json.dumps(payload)
        )
        assert answer["StatusCode"] == 202
        arn: str = answer["DurableExecutionArn"]
        return arn

    def ask(self, **more: object) -> tuple[str, Asked]:
        """Start an asker and wait until it waits."""
        out = self.directory / uuid.uuid4().hex
        arn = self.start(f"ask-{out.name}", {"out": str(out), **more})
        eventually(out.exists)
        return arn, Asked(*out.read_text().split("\n"))

    def status(self, arn: str) -> str:
        status: str = self.aws.get_durable_execution(DurableExecutionArn=arn)["Status"]
        return status

    def executions(self, name: str) -> list[Any]:
        found: list[Any] = self.aws.list_durable_executions_by_function(
            FunctionName="asker", Qualifier="live", DurableExecutionName=name
        )["DurableExecutions"]
        return found

    def stop(self) -> None:
        self.gateway.stop()
        self.runner.stop(grace=2)
        self.ministack.stop()


def refused(call: Callable[..., object], **arguments: object) -> tuple[str, int]:
    """The error code and HTTP status with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response: Any = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    running = Bench(tmp_path_factory.mktemp("gateway"))
    yield running
    running.stop()


def test_the_same_name_and_payload_again_is_the_same_execution(bench: Bench, tmp_path: Path) -> None:
    payload = {"out": str(tmp_path / "out")}
    first = bench.start("again", payload)
    assert bench.start("again", payload) == first
    assert [entry["DurableExecutionArn"] for entry in bench.executions("again")] == [first]


def test_the_same_name_with_another_payload_is_refused(bench: Bench, tmp_path: Path) -> None:
    bench.start("taken", {"out": str(tmp_path / "out")})
    other = {"FunctionName": "asker:live", "InvocationType": "Event", "DurableExecutionName": "taken", "Payload": "{}"}
    assert refused(bench.aws.invoke, **other) == ("DurableExecutionAlreadyStartedException", 409)


def test_many_callers_at_once_start_one_execution(bench: Bench, tmp_path: Path) -> None:
    arns: list[str] = []
    payload = {"out": str(tmp_path / "out")}
    callers = [threading.Thread(target=lambda: arns.append(bench.start("at-once", payload))) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(arns) == 8
    assert len(set(arns)) == 1
    assert len(bench.executions("at-once")) == 1


def test_an_execution_without_a_name_gets_one(bench: Bench, tmp_path: Path) -> None:
    invoke = {"FunctionName": "asker:live", "InvocationType": "Event"}
    arns = {
        bench.aws.invoke(**invoke, Payload=json.dumps({"out": str(tmp_path / "out")}))["DurableExecutionArn"]
        for _ in range(2)
    }
    assert len(arns) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"FunctionName": "asker"}, "InvalidParameterValueException"),
        ({"InvocationType": "RequestResponse"}, "InvalidParameterValueException"),
        ({"DurableExecutionName": "no spaces"}, "InvalidParameterValueException"),
        ({"Payload": "{not json"}, "InvalidRequestContentException"),
        ({"FunctionName": "asker:nowhere"}, "ResourceNotFoundException"),
    ],
)
def test_a_start_that_lambda_refuses_is_refused(bench: Bench, change: dict[str, str], code: str) -> None:
    good = {
        "FunctionName": "asker:live",
        "InvocationType": "Event",
        "DurableExecutionName": f"refused-{uuid.uuid4().hex}",
        "Payload": "{}",
    }
    assert refused(bench.aws.invoke, **(good | change))[0] == code


def test_a_function_that_is_not_durable_is_simply_invoked(bench: Bench) -> None:
    answer = bench.aws.invoke(FunctionName="plain", Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"echo": {"a": 1}}


def test_callers_and_the_function_itself_see_the_arn_in_the_grammar_of_aws(bench: Bench) -> None:
    arn, asked = bench.ask()
    name = asked.own_arn.split("/")[2]
    assert arn == asked.own_arn
    assert arn.startswith(f"{ASKER}/durable-execution/{name}/")
    told = bench.aws.get_durable_execution(DurableExecutionArn=arn)
    assert (told["DurableExecutionArn"], told["DurableExecutionName"]) == (arn, name)
    assert (told["FunctionArn"], told["Version"], told["Status"]) == (ASKER, "1", "RUNNING")
    assert bench.executions(name)[0]["DurableExecutionArn"] == arn


def test_an_answer_resumes_the_execution_and_its_history_tells_so(bench: Bench) -> None:
    arn, asked = bench.ask()
    bench.aws.send_durable_execution_callback_success(CallbackId=asked.callback_id, Result=b"yes")
    eventually(lambda: bench.status(arn) == "SUCCEEDED")
    told = bench.aws.get_durable_execution(DurableExecutionArn=arn)
    assert json.loads(told["Result"]) == {"answer": "yes"}
    history = bench.aws.get_durable_execution_history(DurableExecutionArn=arn, IncludeExecutionData=True)
    assert [event["EventType"] for event in history["Events"]][-1] == "ExecutionSucceeded"


def test_executions_are_listed_by_one_or_several_states(bench: Bench) -> None:
    arn, asked = bench.ask()
    name = arn.split("/")[2]
    find = {"FunctionName": "asker", "DurableExecutionName": name}

    def listed(*states: str) -> int:
        return len(bench.aws.list_durable_executions_by_function(**find, Statuses=list(states))["DurableExecutions"])

    assert (listed("RUNNING"), listed("SUCCEEDED"), listed("RUNNING", "FAILED")) == (1, 0, 1)
    bench.aws.send_durable_execution_callback_success(CallbackId=asked.callback_id, Result=b"")
    eventually(lambda: bench.status(arn) == "SUCCEEDED")
    assert (listed("RUNNING"), listed("SUCCEEDED"), listed("RUNNING", "FAILED")) == (0, 1, 0)


def test_a_second_answer_finds_the_callback_closed(bench: Bench) -> None:
    _, asked = bench.ask()
    succeed, fail = bench.aws.send_durable_execution_callback_success, bench.aws.send_durable_execution_callback_failure
    succeed(CallbackId=asked.callback_id, Result=b"yes")
    assert refused(succeed, CallbackId=asked.callback_id, Result=b"no") == ("CallbackTimeoutException", 400)
    assert refused(fail, CallbackId=asked.callback_id) == ("CallbackTimeoutException", 400)


def test_an_answer_after_the_time_is_up_finds_the_callback_closed(bench: Bench) -> None:
    arn, asked = bench.ask(timeout=1)
    eventually(lambda: bench.status(arn) == "FAILED")
    succeed = bench.aws.send_durable_execution_callback_success
    assert refused(succeed, CallbackId=asked.callback_id) == ("CallbackTimeoutException", 400)


def test_an_answer_after_a_stop_finds_the_callback_closed(bench: Bench) -> None:
    arn, asked = bench.ask()
    bench.aws.stop_durable_execution(DurableExecutionArn=arn)
    succeed = bench.aws.send_durable_execution_callback_success
    assert refused(succeed, CallbackId=asked.callback_id) == ("CallbackTimeoutException", 400)
    assert bench.status(arn) == "STOPPED"


@pytest.mark.parametrize("callback_id", ["abcd", "bm8gSlNPTg==", "eyJhcm4iOiJuby9uZSIsIm9wIjoieCJ9"])
def test_a_callback_id_that_is_none_is_an_invalid_parameter(bench: Bench, callback_id: str) -> None:
    succeed = bench.aws.send_durable_execution_callback_success
    assert refused(succeed, CallbackId=callback_id) == ("InvalidParameterValueException", 400)


def test_an_execution_that_is_not_there_is_not_found(bench: Bench) -> None:
    arn = f"{ASKER}/durable-execution/nobody/{uuid.uuid4()}"
    assert refused(bench.aws.get_durable_execution, DurableExecutionArn=arn) == ("ResourceNotFoundException", 404)
    assert refused(bench.aws.get_durable_execution, DurableExecutionArn="any/thing")[1] == 400


def test_status_changes_reach_the_queue_by_the_rule_of_the_bus(bench: Bench) -> None:
    done, asked = bench.ask()
    bench.aws.send_durable_execution_callback_success(CallbackId=asked.callback_id, Result=b"yes")
    failed, _ = bench.ask(fail=True)
    stopped, _ = bench.ask()
    bench.aws.stop_durable_execution(DurableExecutionArn=stopped)
    seen: dict[str, list[str]] = {done: [], failed: [], stopped: []}

    def complete() -> bool:
        for message in (
            bench.client("sqs").receive_message(QueueUrl=bench.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        ):
            event = json.loads(message["Body"])
            assert (event["source"], event["detail-type"]) == ("aws.lambda", "Durable Execution Status Change")
            detail = event["detail"]
            assert detail["durableExecutionName"] == detail["durableExecutionArn"].split("/")[2]
            assert ("endTimestamp" in detail) == (detail["status"] != "RUNNING")
            # Other tests' executions pass here too.
            seen.get(detail["durableExecutionArn"], []).append(detail["status"])
            bench.client("sqs").delete_message(QueueUrl=bench.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return all(len(set(states)) == 2 for states in seen.values())

    eventually(complete)
    # At least once and in any order, as a standard queue delivers.
    assert {arn: set(states) for arn, states in seen.items()} == {
        done: {"RUNNING", "SUCCEEDED"},
        failed: {"RUNNING", "FAILED"},
        stopped: {"RUNNING", "STOPPED"},
    }


def test_names_and_open_callbacks_outlive_a_restart(bench: Bench, tmp_path: Path) -> None:
    payload = {"out": str(tmp_path / "out")}
    before = bench.start("outlives", payload)
    arn, asked = bench.ask()
    bench.gateway.stop()
    bench.runner.stop(grace=2)
    bench.runner = bench.new_runner().start()
    bench.runner.wait_for_http(health_url(bench.runner_port))
    bench.gateway = bench.new_gateway()
    assert bench.start("outlives", payload) == before
    bench.aws.send_durable_execution_callback_success(CallbackId=asked.callback_id, Result=b"late")
    eventually(lambda: bench.status(arn) == "SUCCEEDED")


def test_a_start_that_the_runner_could_not_take_starts_once_when_tried_again(bench: Bench, tmp_path: Path) -> None:
    payload = {"out": str(tmp_path / "out")}
    bench.runner.stop(grace=2)
    invoke = {"FunctionName": "asker:live", "InvocationType": "Event", "DurableExecutionName": "patient"}
    with pytest.raises(ClientError) as caught:
        bench.aws.invoke(**invoke, Payload=json.dumps(payload))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    bench.runner = bench.new_runner().start()
    bench.runner.wait_for_http(health_url(bench.runner_port))
    bench.start("patient", payload)
    assert len(bench.executions("patient")) == 1


def test_a_start_whose_answer_was_lost_is_found_again(bench: Bench, tmp_path: Path) -> None:
    payload = {"out": str(tmp_path / "out")}
    arn = bench.start("lost-answer", payload)
    bench.gateway.stop()
    with contextlib.closing(sqlite3.connect(bench.directory / "runs.sqlite3")) as db, db:
        forgotten = db.execute("UPDATE runs SET runner_arn = NULL WHERE name = 'lost-answer'")
        assert forgotten.rowcount == 1
    bench.gateway = bench.new_gateway()
    assert bench.start("lost-answer", payload) == arn
    assert len(bench.executions("lost-answer")) == 1


def test_heartbeats_hold_a_callback_open_and_without_them_it_ends(bench: Bench) -> None:
    arn, asked = bench.ask(heartbeat=5)
    beat = bench.aws.send_durable_execution_callback_heartbeat
    for _ in range(4):
        time.sleep(2)
        beat(CallbackId=asked.callback_id)
    assert bench.status(arn) == "RUNNING"
    eventually(lambda: bench.status(arn) == "FAILED")
    assert refused(beat, CallbackId=asked.callback_id) == ("CallbackTimeoutException", 400)

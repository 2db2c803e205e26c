"""The local cloud stops and starts again: what was deployed works as before, and what was under way goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.cloud import LocalCloud
from local.invocations import DurableConfig
from local.runner import health_url
from tests.cloud.conftest import client_maker
from tests.cloud.test_gateway import Bench
from tests.waiting import eventually

pytestmark = pytest.mark.cloud


def told(sqs: Any, queue: str, key: str) -> bool:
    """Whether a message of the change queue names the item; takes off what it reads."""
    for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        if key in [change["key"] for change in json.loads(message["Body"]).get("changes", [])]:
            return True
    return False


def test_changes_are_told_before_and_after_a_restart(tmp_path: Path) -> None:
    for run_name in ("expense-before", "expense-after"):
        with LocalCloud(tmp_path, parameters={}, keep=True) as cloud:
            client = client_maker(cloud.ministack.url, cloud.gateway_url)
            outputs = cloud.deployment.outputs
            item = {"run_name": {"S": run_name}, "version": {"N": "1"}}
            client("dynamodb").put_item(TableName=outputs["RunsTableName"], Item=item)
            sqs, queue = client("sqs"), outputs["ChangesQueueUrl"]
            eventually(lambda: told(sqs, queue, run_name), f"the queue tells of {run_name}")  # noqa: B023


class Mountain(Bench):
    """The climber behind a gateway, once with little time for all of its way."""

    durable = {"climber": DurableConfig(1000, 7), "hurried": DurableConfig(6, 7)}
    source = "climber.py"
    handlers = (("climber", "climber.handler"), ("hurried", "climber.handler"), ("plain", "climber.plain"))

    def collapse(self) -> None:
        """End runner and gateway as a crash does, and start them anew, as the local cloud does."""
        self.runner.stop(grace=0)
        self.gateway.stop()
        self.gateway = self.new_gateway()
        self.runner = self.new_runner().start()
        self.runner.wait_for_http(health_url(self.runner_port))


@pytest.fixture
def mountain(tmp_path: Path) -> Iterator[Mountain]:
    running = Mountain(tmp_path)
    yield running
    running.stop()


def test_whatever_was_under_way_at_a_restart_goes_on_to_its_end(mountain: Mountain, tmp_path: Path) -> None:
    ends = dict.fromkeys(("working", "retrying", "waiting", "calling"), "SUCCEEDED")
    ends |= {"asking": "FAILED", "hurrying": "TIMED_OUT"}
    arns = {}
    for busy in ends:
        out, function = tmp_path / busy, "hurried" if busy == "hurrying" else "climber"
        arns[busy] = mountain.start(busy, {"busy": busy, "out": str(out)}, f"{function}:live")
        eventually(out.exists, f"{busy} is at it")
    arns["accepted"] = mountain.start("accepted", {"busy": "", "out": ""}, "climber:live")
    mountain.collapse()

    def seen() -> dict[str, str]:
        return {busy: mountain.status(arn) for busy, arn in arns.items()}

    wanted = {**ends, "accepted": "SUCCEEDED"}
    eventually(lambda: seen() == wanted, "every execution ends as it should", story=lambda: str(seen()))

"""The local cloud stops and starts again: what was deployed works as before."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.cloud import LocalCloud
from tests.cloud.conftest import client_maker
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

"""The relay names what changed, in order, and only the first record that failed."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from functions import change_relay

CONTEXT = SimpleNamespace(
    function_name="relay", memory_limit_in_mb=512, invoked_function_arn="arn", aws_request_id="r-1"
)
ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/{}/stream/2026"


class Queue:
    """An SQS that remembers what it took and refuses what it is told to."""

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        self.refused: set[tuple[int, int]] = set()
        self.down_at: int | None = None

    def send_message_batch(self, **arguments: Any) -> dict[str, Any]:
        assert arguments["QueueUrl"] == "https://queue"
        entries = arguments["Entries"]
        assert len(entries) <= 10
        if self.down_at == len(self.calls):
            raise EndpointConnectionError(endpoint_url="https://queue")
        self.calls.append(entries)
        call = len(self.calls) - 1
        return {"Failed": [{"Id": entry["Id"]} for entry in entries if (call, int(entry["Id"])) in self.refused]}

    @property
    def changes(self) -> list[dict[str, Any]]:
        return [
            change for call in self.calls for entry in call for change in json.loads(entry["MessageBody"])["changes"]
        ]


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    queue = Queue()
    monkeypatch.setattr(change_relay, "sqs", lambda: queue)
    monkeypatch.setenv("APPROVALS_TABLE_NAME", "approvals-1")
    monkeypatch.setenv("RUNS_TABLE_NAME", "runs-1")
    monkeypatch.setenv("CHANGES_QUEUE_URL", "https://queue")
    return queue


def record(number: int, key: str, version: int, table: str = "approvals-1", name: str = "INSERT") -> dict[str, Any]:
    attribute = "run_name" if table == "runs-1" else "approval_id"
    image = {attribute: {"S": key}, "version": {"N": str(version)}, "callback_id": {"S": "secret"}}
    return {
        "eventName": name,
        "eventSourceARN": ARN.format(table),
        "dynamodb": {
            "SequenceNumber": str(number),
            "Keys": {attribute: {"S": key}},
            "OldImage" if name == "REMOVE" else "NewImage": image,
        },
    }


def relay(*records: dict[str, Any]) -> list[str]:
    answer = change_relay.handler({"Records": list(records)}, CONTEXT)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_each_changed_item_is_named_with_table_key_and_version(queue: Queue) -> None:
    assert relay(record(1, "run.manager", 1), record(2, "run", 4, "runs-1", "MODIFY")) == []
    assert queue.changes == [
        {"table": "ApprovalRequests", "key": "run.manager", "version": 1},
        {"table": "WorkflowRuns", "key": "run", "version": 4},
    ]


def test_nothing_of_the_content_leaves_the_table(queue: Queue) -> None:
    relay(record(1, "run.manager", 1))

    assert "secret" not in json.dumps(queue.calls)


def test_several_versions_of_an_item_become_its_newest_in_one_notice(queue: Queue) -> None:
    relay(record(1, "a", 1), record(2, "b", 1), record(3, "a", 3), record(4, "a", 2))

    assert queue.changes == [
        {"table": "ApprovalRequests", "key": "a", "version": 3},
        {"table": "ApprovalRequests", "key": "b", "version": 1},
    ]


def test_a_removed_item_is_named_too(queue: Queue) -> None:
    assert relay(record(1, "a", 7, name="REMOVE")) == []
    assert queue.changes[0]["version"] == 7


def test_many_changes_share_messages_and_calls(queue: Queue) -> None:
    assert relay(*(record(number, f"r{number}", 1) for number in range(600))) == []
    assert [len(call) for call in queue.calls] == [10, 10, 4]
    assert [change["key"] for change in queue.changes] == [f"r{number}" for number in range(600)]


def test_the_first_refused_message_is_reported_by_its_first_record(queue: Queue) -> None:
    queue.refused = {(0, 2), (0, 1)}

    assert relay(*(record(100 + number, f"r{number}", 1) for number in range(80))) == ["125"]


def test_after_a_refusal_nothing_more_is_sent(queue: Queue) -> None:
    queue.refused = {(0, 9)}
    relay(*(record(number, f"r{number}", 1) for number in range(300)))

    assert len(queue.calls) == 1


def test_a_queue_out_of_reach_reports_the_first_unsent_record(queue: Queue) -> None:
    queue.down_at = 1

    assert relay(*(record(1000 + number, f"r{number}", 1) for number in range(300))) == ["1250"]


@pytest.mark.parametrize(
    "poison",
    [
        record(3, "c", 1, table="foreign"),
        {"eventSourceARN": ARN.format("approvals-1"), "dynamodb": {"SequenceNumber": "3", "Keys": {}}},
        {**record(3, "c", 1), "eventSourceARN": ARN.format("runs-1")},
    ],
    ids=["another table", "no key", "another table's key"],
)
def test_a_poison_record_is_reported_and_what_came_before_it_is_sent(queue: Queue, poison: dict[str, Any]) -> None:
    assert relay(record(1, "a", 1), record(2, "b", 1), poison, record(4, "d", 1)) == ["3"]
    assert [change["key"] for change in queue.changes] == ["a", "b"]


def test_a_refusal_before_a_poison_record_comes_first(queue: Queue) -> None:
    queue.down_at = 0

    assert relay(record(1, "a", 1), record(2, "b", 1, table="foreign")) == ["1"]


def test_no_records_are_no_call(queue: Queue) -> None:
    assert relay() == []
    assert queue.calls == []

"""Table streams to the change queue: which items changed, never what is in them."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

CHANGES_PER_MESSAGE = 25
MESSAGES_PER_CALL = 10

logger = Logger()


class UnreadableRecordError(ValueError):
    """A stream record that names no item of ours; the message says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """One item's newest version in this batch, and the first stream record that told of it."""

    table: str
    key: str
    version: int
    sequence: str

    def as_notice(self) -> dict[str, Any]:
        """The change as the queue carries it."""
        return {"table": self.table, "key": self.key, "version": self.version}


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Send a notice of every change; name only the first record that failed.

    Lambda resumes a stream from the lowest record that is named and delivers everything after it again, so naming more
    would only repeat more. Notices may be sent twice; readers compare versions.

    Returns:
        `{"batchItemFailures": []}`, or with the sequence number of the first failed record.
    """
    changes, failed = _read(event["Records"])
    unsent = _send(changes)
    first = unsent or failed
    logger.info("relayed", extra={"records": len(event["Records"]), "changes": len(changes), "failed_at": first})
    return {"batchItemFailures": [{"itemIdentifier": first}] if first else []}


def _read(records: Sequence[dict[str, Any]]) -> tuple[list[Change], str | None]:
    """The changes up to the first record that cannot be read, each item once, and that record's number."""
    newest: dict[tuple[str, str], Change] = {}
    for record in records:
        try:
            change = _change(record)
        except UnreadableRecordError as error:
            logger.warning("unreadable record", extra={"reason": str(error)})
            return list(newest.values()), record["dynamodb"]["SequenceNumber"]
        earlier = newest.get((change.table, change.key))
        if earlier is not None:
            change = Change(change.table, change.key, max(earlier.version, change.version), earlier.sequence)
        newest[change.table, change.key] = change
    return list(newest.values()), None


def _change(record: dict[str, Any]) -> Change:
    stream = record["dynamodb"]
    arn = record.get("eventSourceARN", "")
    for table, (name, key) in _tables().items():
        if f":table/{name}/" not in arn:
            continue
        image = stream.get("NewImage") or stream.get("OldImage") or {}
        try:
            return Change(table, stream["Keys"][key]["S"], int(image["version"]["N"]), stream["SequenceNumber"])
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableRecordError(f"no {key} or version in a record of {table}") from error
    raise UnreadableRecordError(f"not a stream of ours: {arn}")


def _send(changes: Sequence[Change]) -> str | None:
    """Send notices in order; the sequence number of the first change that was not sent, or None."""
    messages = list(batched(changes, CHANGES_PER_MESSAGE, strict=False))
    for start in range(0, len(messages), MESSAGES_PER_CALL):
        group = messages[start : start + MESSAGES_PER_CALL]
        try:
            answer = sqs().send_message_batch(QueueUrl=_queue(), Entries=list(_entries(group)))
        except (ClientError, BotoCoreError) as error:
            logger.warning("the queue did not take the notices", extra={"reason": str(error)})
            return group[0][0].sequence
        if refused := [int(entry["Id"]) for entry in answer.get("Failed", [])]:
            return group[min(refused)][0].sequence
    return None


def _entries(messages: Sequence[Sequence[Change]]) -> "Iterator[SendMessageBatchRequestEntryTypeDef]":
    for number, changes in enumerate(messages):
        body = json.dumps({"changes": [change.as_notice() for change in changes]}, separators=(",", ":"))
        yield {"Id": str(number), "MessageBody": body}


@cache
def sqs() -> "SQSClient":
    """The client of this sandbox."""
    return boto3.client(
        "sqs",
        config=Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}),
    )


def _tables() -> dict[str, tuple[str, str]]:
    """Name in notices to name in AWS and key."""
    return {
        "ApprovalRequests": (os.environ["APPROVALS_TABLE_NAME"], "approval_id"),
        "WorkflowRuns": (os.environ["RUNS_TABLE_NAME"], "run_name"),
    }


def _queue() -> str:
    return os.environ["CHANGES_QUEUE_URL"]

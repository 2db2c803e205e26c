"""The change queue: long polls, deletes after the commit, and patience with a message."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched

from django.conf import settings

from approvals.aws.clients import LONG_POLL, sqs
from approvals.aws.faults import ask

MESSAGES_PER_CALL = 10


@dataclass(frozen=True)
class Message:
    """One message. ``receives`` counts this receive too; ``sent_at`` is aware UTC."""

    id: str
    receipt: str
    body: str
    receives: int
    sent_at: datetime


def receive(wait: int = LONG_POLL) -> list[Message]:
    """Return up to ten messages, waiting up to ``wait`` seconds for the first. Raises an AwsError."""
    answer = ask(
        sqs().receive_message, "Read the change queue",
        QueueUrl=settings.CHANGES_QUEUE_URL, MaxNumberOfMessages=MESSAGES_PER_CALL, WaitTimeSeconds=wait,
        MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
    )  # fmt: skip
    return [
        Message(
            id=message["MessageId"],
            receipt=message["ReceiptHandle"],
            body=message["Body"],
            receives=int(message.get("Attributes", {}).get("ApproximateReceiveCount", "1")),
            sent_at=datetime.fromtimestamp(int(message.get("Attributes", {}).get("SentTimestamp", "0")) / 1000, UTC),
        )
        for message in answer.get("Messages", [])
    ]


def delete(messages: Iterable[Message]) -> int:
    """Delete the messages; return how many stay, to come again and be found old news. Raises an AwsError."""
    left = 0
    for some in batched(messages, MESSAGES_PER_CALL, strict=False):
        answer = ask(
            sqs().delete_message_batch, "Delete from the change queue", QueueUrl=settings.CHANGES_QUEUE_URL,
            Entries=[{"Id": str(number), "ReceiptHandle": one.receipt} for number, one in enumerate(some)],
        )  # fmt: skip
        left += len(answer.get("Failed", []))
    return left


def postpone(message: Message, seconds: int) -> None:
    """Let the message come back in so many seconds. Raises an AwsError."""
    ask(
        sqs().change_message_visibility, "Postpone a message",
        QueueUrl=settings.CHANGES_QUEUE_URL, ReceiptHandle=message.receipt, VisibilityTimeout=seconds,
    )  # fmt: skip


@dataclass(frozen=True)
class Depth:
    """How many messages wait, and how many somebody is at."""

    waiting: int
    taken: int


def depth(url: str, *, probe: bool = False) -> Depth:
    """Return roughly how full a queue is. Raises an AwsError."""
    answer = ask(
        sqs(probe=probe).get_queue_attributes, "Ask for the queue", QueueUrl=url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )  # fmt: skip
    told = answer.get("Attributes", {})
    return Depth(
        int(told.get("ApproximateNumberOfMessages", "0")), int(told.get("ApproximateNumberOfMessagesNotVisible", "0"))
    )

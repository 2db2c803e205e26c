"""A small real cloud for one test: the stack's tables, a topic and a queue behind it that counts the notices."""

import json
import os
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from tests.stack import resources

type Item = dict[str, Any]
_decode = TypeDeserializer().deserialize
_encode = TypeSerializer().serialize


def client(service: str) -> Any:
    """A client of the MiniStack that the environment names; making one is slow."""
    return _client(service, os.environ["AWS_ENDPOINT_URL"])


@cache
def _client(service: str, endpoint: str) -> Any:
    return boto3.client(service, endpoint_url=endpoint)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Cloud:
    """Where one test's items and notices are."""

    approvals_table: str
    runs_table: str
    topic_arn: str
    mailbox_url: str

    @property
    def environment(self) -> dict[str, str]:
        """What the functions of this cloud read."""
        return {
            "APPROVALS_TABLE_NAME": self.approvals_table,
            "RUNS_TABLE_NAME": self.runs_table,
            "NOTIFICATIONS_TOPIC_ARN": self.topic_arn,
            "CHANGES_QUEUE_URL": self.mailbox_url,
            "PORTAL_URL": "https://portal.example",
        }

    def requests(self) -> list[Item]:
        """All request items, oldest first."""
        return sorted(_items(self.approvals_table), key=lambda item: item["created_at"])

    def request(self) -> Item:
        """The only request item."""
        [item] = self.requests()
        return item

    def run(self) -> Item:
        """The only run item."""
        [item] = _items(self.runs_table)
        return item

    def put(self, table: str, item: Item) -> None:
        """Write an item as somebody else would."""
        client("dynamodb").put_item(TableName=table, Item={name: _encode(value) for name, value in item.items()})

    def amend(self, approval_id: str, **values: Any) -> None:
        """Set attributes of a request, as the portal would: the version goes up."""
        names = {f"#{name}": name for name in (*values, "version")}
        sets = ", ".join(f"#{name} = :{name}" for name in values)
        client("dynamodb").update_item(
            TableName=self.approvals_table,
            Key={"approval_id": {"S": approval_id}},
            UpdateExpression=f"SET {sets}, #version = #version + :one",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={f":{name}": _encode(value) for name, value in {"one": 1, **values}.items()},
        )

    def write_if_open(self, approval_id: str, decision: Item) -> bool:
        """Write a decision as the portal does, only while nobody has decided; whether the item took it."""
        aws = client("dynamodb")
        try:
            aws.update_item(
                TableName=self.approvals_table,
                Key={"approval_id": {"S": approval_id}},
                UpdateExpression="SET #decision = :decision, #version = #version + :one",
                ConditionExpression="#status = :pending AND attribute_not_exists(#decision)",
                ExpressionAttributeNames={f"#{name}": name for name in ("decision", "version", "status")},
                ExpressionAttributeValues={
                    ":decision": _encode(decision), ":one": {"N": "1"}, ":pending": {"S": "pending"}
                },
            )  # fmt: skip
        except aws.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def notices(self) -> list[dict[str, Any]]:
        """The notices published since the last call."""
        sqs = client("sqs")
        found: list[dict[str, Any]] = []
        while batch := sqs.receive_message(QueueUrl=self.mailbox_url, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                sqs.delete_message(QueueUrl=self.mailbox_url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found


def make_cloud() -> Cloud:
    """A cloud of its own for one test, its tables as template.yaml has them."""
    suffix = uuid.uuid4().hex[:8]
    sqs, sns = client("sqs"), client("sns")
    tables = {name: _make_table(name, f"{name}-{suffix}") for name in ("ApprovalsTable", "RunsTable")}
    mailbox = sqs.create_queue(QueueName=f"mailbox-{suffix}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=mailbox, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name=f"notices-{suffix}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return Cloud(tables["ApprovalsTable"], tables["RunsTable"], topic, mailbox)


def _make_table(logical: str, name: str) -> str:
    properties = resources()[logical]["Properties"]
    wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    client("dynamodb").create_table(TableName=name, **{key: properties[key] for key in wanted if key in properties})
    return name


def _items(table: str) -> list[Item]:
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [{name: _decode(value) for name, value in item.items()} for page in pages for item in page["Items"]]

"""AWS as the portal meets it in unit tests: real tables and queues of a MiniStack, and Lambda's answers as scripted."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.awsrequest import AWSResponse
from django.db import connection
from pytest_django import Settings

from approvals.aws import clients
from approvals.models.clock import utc_text
from local.ministack import CREDENTIALS, REGION, MiniStack
from tests.factories import policy
from tests.stack import resources

type Item = dict[str, Any]
type Script = Exception | tuple[int, str] | Callable[[], None]
FUNCTION = f"arn:aws:lambda:{REGION}:000000000000:function:expense"
_encode = TypeSerializer().serialize
_decode = TypeDeserializer().deserialize


@pytest.fixture(scope="session")
def portal_ministack() -> Iterator[MiniStack]:
    """One MiniStack for the session."""
    with MiniStack() as running:
        yield running


@pytest.fixture
def aws(portal_ministack: MiniStack, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator["Aws"]:
    """Tables, queues and a scripted Lambda of this test alone; the portal's settings name them."""
    for name, value in portal_ministack.env.items():
        monkeypatch.setenv(name, value)
    clients.forget()
    made = Aws.make(portal_ministack.url)
    settings.APPROVALS_TABLE_NAME, settings.RUNS_TABLE_NAME = made.approvals, made.runs
    settings.CHANGES_QUEUE_URL, settings.CHANGES_DEAD_LETTER_QUEUE_URL = made.queue, made.dead
    settings.WORKFLOW_ARNS = {"expense": f"{FUNCTION}:live"}
    made.watch()
    yield made
    clients.forget()
    # No test passes here in which AWS was asked while a database transaction was open.
    assert made.in_transaction == []


@dataclass
class Call:
    """One call of Lambda: the operation, the callback id if there is one, and the body."""

    operation: str
    callback_id: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Aws:
    """What one test can see and prepare."""

    url: str
    approvals: str
    runs: str
    queue: str
    dead: str
    calls: list[Call] = field(default_factory=list)
    scripts: dict[str, list[Script]] = field(default_factory=dict)
    executions: dict[str, str] = field(default_factory=dict)
    in_transaction: list[str] = field(default_factory=list)

    @classmethod
    def make(cls, url: str) -> "Aws":
        suffix = uuid.uuid4().hex[:8]
        db, sqs = client("dynamodb", url), client("sqs", url)
        names = {}
        for logical in ("ApprovalsTable", "RunsTable"):
            properties = resources()[logical]["Properties"]
            wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
            names[logical] = f"{logical}-{suffix}"
            db.create_table(TableName=names[logical], **{key: properties[key] for key in wanted if key in properties})
        dead = sqs.create_queue(QueueName=f"dead-{suffix}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "5"})
        attributes = {"RedrivePolicy": redrive, "VisibilityTimeout": "60"}
        queue = sqs.create_queue(QueueName=f"changes-{suffix}", Attributes=attributes)["QueueUrl"]
        return cls(url, names["ApprovalsTable"], names["RunsTable"], queue, dead)

    def watch(self) -> None:
        """Stand in for Lambda, obey the scripts, and note every call to AWS inside a database transaction."""
        for service, built in (
            ("lambda", clients.functions()),
            ("dynamodb", clients.dynamodb()),
            ("dynamodb", clients.raw_dynamodb()),
            ("sqs", clients.sqs()),
        ):
            built.meta.events.register(f"before-send.{service}", self._hook(service))

    def script(self, operation: str, *answers: Script) -> None:
        """Let the next calls of an operation go wrong: ``(status, code)``, an error to raise, or code to run first."""
        self.scripts.setdefault(operation, []).extend(answers)

    def _hook(self, service: str) -> Callable[..., AWSResponse | None]:
        def before_send(request: Any, event_name: str, **_: Any) -> AWSResponse | None:
            operation = event_name.rpartition(".")[2]
            if connection.in_atomic_block:
                self.in_transaction.append(operation)
            if service == "lambda":
                self.calls.append(_call(operation, request))
            waiting = self.scripts.get(operation)
            if waiting:
                answer = waiting.pop(0)
                if isinstance(answer, Exception):
                    raise answer
                if isinstance(answer, tuple):
                    return _response(request.url, answer[0], answer[1])
                answer()
            return self._lambda(operation, request) if service == "lambda" else None

        return before_send

    def _lambda(self, operation: str, request: Any) -> AWSResponse:
        if operation == "Invoke":
            name = self.calls[-1].headers["X-Amz-Durable-Execution-Name"]
            return _response(request.url, 202, "", headers={"X-Amz-Durable-Execution-Arn": run_arn(name)})
        if operation == "GetDurableExecution":
            arn = unquote(request.url.rpartition("/durable-executions/")[2]).partition("?")[0]
            if arn not in self.executions:
                return _response(request.url, 404, "ResourceNotFoundException")
            told = {"DurableExecutionArn": arn, "Status": self.executions[arn], "StartTimestamp": 1.0}
            return _response(request.url, 200, "", body=told)
        return _response(request.url, 200, "")

    def answered(self) -> list[Call]:
        """The callbacks that were completed."""
        return [call for call in self.calls if "Callback" in call.operation]

    def put_request(self, **fields: Any) -> Item:
        """Write a request's item as its workflow would."""
        return self._put(self.approvals, request_item(**fields))

    def put_run(self, **fields: Any) -> Item:
        """Write a run's item as its workflow would."""
        return self._put(self.runs, run_item(**fields))

    def _put(self, table: str, item: Item) -> Item:
        client("dynamodb", self.url).put_item(TableName=table, Item=wire_item(item))
        return item

    def amend(self, approval_id: str, **values: Any) -> None:
        """Set attributes of a request as another writer would: its version goes up."""
        item = self.request(approval_id) | values
        item["version"] += 1
        self._put(self.approvals, item)

    def request(self, approval_id: str) -> Item:
        """A request's item as it stands."""
        return self._get(self.approvals, {"approval_id": approval_id})

    def run(self, run_name: str) -> Item:
        """A run's item as it stands."""
        return self._get(self.runs, {"run_name": run_name})

    def remove_request(self, approval_id: str) -> None:
        """Delete a request's item."""
        client("dynamodb", self.url).delete_item(TableName=self.approvals, Key=wire_item({"approval_id": approval_id}))

    def _get(self, table: str, key: Item) -> Item:
        answer = client("dynamodb", self.url).get_item(TableName=table, Key=wire_item(key), ConsistentRead=True)
        return {name: _decode(value) for name, value in answer["Item"].items()}

    def send(self, body: Any) -> None:
        """Put a message on the change queue; a text as it is, anything else as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        client("sqs", self.url).send_message(QueueUrl=self.queue, MessageBody=text)

    def depth(self, url: str) -> int:
        """How many messages a queue holds, taken ones too."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = client("sqs", self.url).get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)


def client(service: str, url: str) -> Any:
    """A client that is not the portal's, so that the test sees with its own eyes."""
    key = (service, url)
    if key not in _clients:
        names = {name.lower(): value for name, value in CREDENTIALS.items()}
        _clients[key] = boto3.client(service, endpoint_url=url, region_name=REGION, **names)  # type: ignore[call-overload]
    return _clients[key]


_clients: dict[tuple[str, str], Any] = {}


def run_arn(run_name: str, number: str = "0001") -> str:
    """An execution's ARN in AWS's grammar."""
    return f"{FUNCTION}:1/durable-execution/{run_name}/{number}"


def request_item(**fields: Any) -> Item:
    """A request's item, by default pending for the managers."""
    run_name = fields.pop("run_name", f"expense-{uuid.uuid4().hex[:7]}")
    stage = fields.pop("stage", "manager")
    now = datetime.now(UTC)
    item = {
        "approval_id": f"{run_name}.{stage}", "run_name": run_name, "run_arn": run_arn(run_name), "workflow": "expense",
        "stage": stage, "kind": "approval", "title": "Train to Lyon", "summary": "Visit to the supplier.",
        "requester": "rita", "amount": Decimal("240.50"), "currency": "EUR",
        "details": {"lines": [{"amount": Decimal("240.50"), "category": "travel", "nights": 2}]}, "attachments": [],
        "policy": policy("managers", exclude=("rita",)), "options": ["approved", "rejected"],
        "callback_id": f"secret/{uuid.uuid4().hex}+==", "status": "pending", "created_at": utc_text(now),
        "updated_at": utc_text(now), "expires_at": utc_text(now + timedelta(days=2)), "version": 1,
        "events": [{"seq": 1, "at": utc_text(now), "actor": "workflow", "action": "opened", "note": "Asked managers."}],
    }  # fmt: skip
    return item | fields


def run_item(**fields: Any) -> Item:
    """A run's item, by default waiting."""
    run_name = fields.pop("run_name", f"expense-{uuid.uuid4().hex[:7]}")
    now = utc_text(datetime.now(UTC))
    item = {
        "run_name": run_name, "run_arn": run_arn(run_name), "workflow": "expense", "requester": "rita",
        "title": "Train to Lyon", "input": {"total": "240.50"}, "status": "waiting", "current_step": "manager",
        "progress": [{"seq": 1, "at": now, "step": "started", "message": "Started.", "level": "info"}],
        "created_at": now, "updated_at": now, "version": 1,
    }  # fmt: skip
    return item | fields


def settled(item: Item, status: str = "approved", decision_id: str = "d-1", **fields: Any) -> Item:
    """The item as a workflow settles it: no callback id, the next version."""
    now = utc_text(datetime.now(UTC))
    decision = {"decision_id": decision_id, "decision": status, "comments": "", "decided_by": "anna", "decided_at": now}
    changed = {"status": status, "settled_at": now, "decision": decision, "version": item["version"] + 1, **fields}
    return {name: value for name, value in (item | changed).items() if name != "callback_id"}


def wire_item(item: Item) -> dict[str, Any]:
    """An item as it travels."""
    return {name: _encode(value) for name, value in item.items()}


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def _response(
    url: str, status: int, code: str, *, headers: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
) -> AWSResponse:
    # The callback id in the message, as some of AWS's errors have it.
    told = (
        {"message": f"said of {unquote(url)}", "Message": f"said of {unquote(url)}", "__type": code} if code else body
    )
    all_headers = {"x-amzn-errortype": code, "x-amzn-requestid": "test", **(headers or {})}
    return AWSResponse(url, status, all_headers, _Raw(json.dumps(told).encode() if told else b""))  # type: ignore[no-untyped-call]


def _call(operation: str, request: Any) -> Call:
    callback_id = ""
    if "/durable-execution-callbacks/" in request.url:
        callback_id = unquote(request.url.split("/durable-execution-callbacks/")[1].rpartition("/")[0])
    body = request.body or b""
    return Call(
        operation,
        callback_id,
        body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else body.read(),
        {
            name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
        },
    )  # fmt: skip

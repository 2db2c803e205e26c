"""Every other workflow on the local cloud, started by plain Invoke and answered as an outside caller would."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from local.cloud import LocalCloud
from tests.cloud.conftest import Client

pytestmark = pytest.mark.cloud
_decode = TypeDeserializer().deserialize
_encode = TypeSerializer().serialize
type Item = dict[str, Any]


class Caller:
    """An outside caller with a terminal: starts runs, reads tables, decides."""

    def __init__(self, cloud: LocalCloud, client: Client) -> None:
        self.outputs = cloud.deployment.outputs
        self.aws, self.tables = client("lambda"), client("dynamodb")

    def start(self, workflow: str, **payload: Any) -> str:
        name = f"{workflow}-{uuid.uuid4().hex[:8]}"
        arn = self.outputs[f"{workflow.capitalize()}WorkflowArn"]
        self.aws.invoke(
            FunctionName=arn, InvocationType="Event", DurableExecutionName=name, Payload=json.dumps(payload)
        )
        return name

    def item(self, table: str, **key: str) -> Item | None:
        [(name, value)] = key.items()
        found = self.tables.get_item(TableName=self.outputs[table], Key={name: {"S": value}}, ConsistentRead=True)
        return {name: _decode(value) for name, value in found["Item"].items()} if "Item" in found else None

    def asked(self, run: str, stage: str) -> Item:
        def pending() -> Item | None:
            item = self.item("ApprovalsTableName", approval_id=f"{run}.{stage}")
            return item if item is not None and item["status"] == "pending" and "notified_at" in item else None

        return eventually(pending, lambda: self.item("RunsTableName", run_name=run))

    def decide(self, item: Item, decision: str, **fields: Any) -> None:
        """As the portal does: into the item, then wake the workflow."""
        payload = {
            "decision_id": uuid.uuid4().hex,
            "decision": decision,
            "comments": "Seen",
            "decided_by": "somebody",
            "decided_at": datetime.now(UTC).isoformat(),
        } | fields
        self.tables.update_item(
            TableName=self.outputs["ApprovalsTableName"],
            Key={"approval_id": {"S": item["approval_id"]}},
            UpdateExpression="SET decision = :d, #v = #v + :one",
            ConditionExpression="#s = :pending",
            ExpressionAttributeNames={"#v": "version", "#s": "status"},
            ExpressionAttributeValues={":d": _encode(payload), ":one": {"N": "1"}, ":pending": {"S": "pending"}},
        )
        self.aws.send_durable_execution_callback_success(
            CallbackId=item["callback_id"], Result=json.dumps(payload).encode()
        )

    def ended(self, run: str) -> Item:
        def over() -> Item | None:
            item = self.item("RunsTableName", run_name=run)
            return item if item is not None and item["status"] not in ("running", "waiting") else None

        return eventually(over, lambda: self.item("RunsTableName", run_name=run))

    def api(self, **call: Any) -> tuple[int, dict[str, Any]]:
        function = self.outputs["ApprovalApiFunctionName"]
        answer = json.load(self.aws.invoke(FunctionName=function, Payload=json.dumps(call))["Payload"])
        return answer["statusCode"], json.loads(answer["body"])


def eventually[T](look: Callable[[], T | None], instead: Callable[[], object]) -> T:
    deadline = time.monotonic() + 60
    while (found := look()) is None:
        assert time.monotonic() < deadline, instead()
        time.sleep(0.2)
    return found


@pytest.fixture
def caller(cloud: LocalCloud, client: Client) -> Iterator[Caller]:
    return Caller(cloud, client)


def loan(digits: str, amount: str = "30000") -> Item:
    return {
        "application_id": f"L-{digits}",
        "applicant_name": "Ada Obi",
        "ssn_last4": digits,
        "annual_income": "90000",
        "loan_amount": amount,
        "loan_purpose": "Kitchen",
    }


def test_a_document_goes_back_for_changes_and_is_then_approved_by_the_api(caller: Caller) -> None:
    run = caller.start("document", document_id="D-1", document_name="Lease", requester="rita")
    caller.decide(caller.asked(run, "review"), "changes_requested")
    response = {"document_name": "Lease v2", "changes": "Clause 4"}
    caller.decide(caller.asked(run, "revision"), "revised", decided_by="rita", response=response)
    approval_id = caller.asked(run, "review.2")["approval_id"]
    status, body = caller.api(action="decide", approval_id=approval_id, decision="approved", approver="mona")

    assert (status, body["workflow_woken"]) == (200, True)
    ended = caller.ended(run)
    assert (ended["status"], ended["result"]["document_name"]) == ("succeeded", "Lease v2")
    again, conflict = caller.api(action="decide", approval_id=approval_id, decision="rejected", approver="nils")
    assert (again, "mona" in conflict["error"]) == (409, True)


def test_flagged_content_is_removed(caller: Caller) -> None:
    fields = {"content_id": "c-1", "content_type": "comment", "excerpt": "Spam", "author": "ann", "flags": ["spam"]}
    run = caller.start("moderation", **fields)
    caller.decide(caller.asked(run, "moderation"), "remove")

    assert caller.ended(run)["moderation"]["action"] == "remove"


def test_the_three_demo_applicants_are_decided_as_promised(caller: Caller) -> None:
    runs = {digits: caller.start("loan", **loan(digits)) for digits in ("1111", "2222", "3333")}
    ended = {digits: caller.ended(run) for digits, run in runs.items()}

    assert {digits: run["status"] for digits, run in ended.items()} == {
        "1111": "succeeded",
        "2222": "denied",
        "3333": "succeeded",
    }
    assert ended["1111"]["result"]["offered"] == "30000.00"
    assert ended["3333"]["result"]["offered"] == "25000.00"
    assert "disbursement" not in ended["2222"]


def test_a_trip_is_booked_by_the_functions_of_the_stack(caller: Caller) -> None:
    trip = {"passengerName": "Ada Obi", "departure": "Oslo", "destination": "Lyon"}
    run = caller.start("travel", **trip, flightPrice="500", hotelPrice="90", carPrice="40")
    caller.decide(caller.asked(run, "approval"), "approved")

    ended = caller.ended(run)
    assert ended["status"] == "succeeded", ended
    assert [booking["state"] for booking in ended["result"]["bookings"]] == ["booked"] * 3


def test_a_trip_that_is_refused_books_nothing(caller: Caller) -> None:
    trip = {"passengerName": "Ada Obi", "departure": "Oslo", "destination": "Lyon", "flightPrice": "5000"}
    run = caller.start("travel", **trip)
    caller.decide(caller.asked(run, "approval"), "rejected")

    assert caller.ended(run)["status"] == "denied"


def test_the_api_lists_and_shows_without_a_callback_id(caller: Caller) -> None:
    run = caller.start("document", document_id="D-2", document_name="Budget", requester="rita")
    approval_id = caller.asked(run, "review")["approval_id"]
    listed, page = caller.api(action="list")
    shown, whole = caller.api(action="get", approval_id=approval_id)

    assert (listed, shown) == (200, 200)
    assert approval_id in [request["approval_id"] for request in page["requests"]]
    assert "callback_id" not in json.dumps([page, whole])
    assert caller.api(action="get", approval_id="nobody.review")[0] == 404

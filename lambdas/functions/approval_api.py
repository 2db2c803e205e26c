"""Requests for operators without the portal: list, get and decide by `aws lambda invoke`."""

import json
import uuid
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.approval_calls import CallError, DecideCall, GetCall, ListCall, read
from hitl.clock import now, stamp
from hitl.policy import key_of
from hitl.runs import json_ready
from hitl.settings import required, settings
from hitl.store import Amendment, Item, approvals, dynamodb, entry

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

OK, BAD, MISSING, CONFLICT = 200, 400, 404, 409
LISTED = 100
ACTOR = "approval-api"
# A bearer capability, and a token of the workflow's own: neither leaves the table.
SECRET = ("callback_id", "notice_token")
CLOSED = frozenset({"CallbackTimeoutException", "404"})
logger = Logger()


class RefusedError(Exception):
    """The request cannot be decided here; the message is for the caller."""


@cache
def lambdas() -> "LambdaClient":
    """The client of this sandbox."""
    return boto3.client("lambda", config=Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard"}))


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Answer one call.

    Returns:
        `{"statusCode": 200 | 400 | 404 | 409, "body": <JSON text>}`. Never a callback id.
    """
    try:
        call = read(event)
    except CallError as fault:
        return _reply(BAD, {"error": str(fault)})
    if isinstance(call, ListCall):
        return _reply(OK, _listed(call.status))
    item = approvals().get(call.approval_id)
    if item is None:
        return _reply(MISSING, {"error": f"There is no request {call.approval_id}."})
    if isinstance(call, GetCall):
        return _reply(OK, {"request": _shown(item)})
    return _decide(call, str(getattr(context, "aws_request_id", "")))


def _listed(status: str) -> dict[str, Any]:
    found = dynamodb().query(
        TableName=required("APPROVALS_TABLE_NAME"),
        IndexName="StatusIndex",
        KeyConditionExpression="#status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": status}},
        ScanIndexForward=status == "pending",
        Limit=LISTED,
    )
    keys = [item["approval_id"]["S"] for item in found["Items"]]
    items = [item for key in keys if (item := approvals().get(key)) is not None]
    # The index lags behind: what has moved on since is left out.
    listed = [_brief(item) for item in items if item["status"] == status]
    return {"requests": listed, "more": "LastEvaluatedKey" in found}


def _decide(call: DecideCall, request_id: str) -> dict[str, Any]:
    """Write the decision into the item, then wake the workflow: the portal's own protocol."""
    decision: Item = {
        "decision_id": uuid.uuid4().hex,
        "decision": call.decision,
        "comments": call.comments,
        "decided_by": call.approver,
        "decided_at": stamp(now()),
    }
    said = f"{call.decision.capitalize()} in the name of {call.approver}, by ApprovalApi"
    note = f"{said}; CloudTrail knows the caller of {request_id}."

    def change(item: Item) -> Amendment | None:
        _check(item, call)
        line = entry(ACTOR, "decided", note)
        return Amendment(
            values={"decision": decision | {"votes": [{"by": call.approver, "decision": call.decision}]}},
            entries=(line,),
            only_if={"status": "pending"},
            only_without=("decision",),
        )

    try:
        item = approvals().amend(call.approval_id, change)
    except RefusedError as refusal:
        return _reply(CONFLICT, {"error": str(refusal)})
    logger.info("decided", approval_id=call.approval_id, decision=call.decision, approver=call.approver)
    return _reply(OK, {"approval_id": call.approval_id, **decision, "workflow_woken": _wake(item, decision)})


def _check(item: Item, call: DecideCall) -> None:
    """Raise RefusedError unless this caller's word suffices for this request."""
    decided = item.get("decision") or {}
    page = f"{settings().portal_url}/requests/{item['approval_id']}/"
    if item["status"] != "pending" or decided:
        who = f" by {decided['decided_by']} at {decided['decided_at']}" if decided else ""
        raise RefusedError(f"The request is already {decided.get('decision', item['status'])}{who}.")
    policy = item["policy"]
    if policy["required"] > 1:
        raise RefusedError(f"The request needs {policy['required']} people: {page}")
    # A form in which nothing is needed may be left out: the plain answer stands for itself.
    needs_form = bool(json.loads(item.get("response_schema", "{}")).get("required"))
    if call.decision not in item["options"] or needs_form:
        raise RefusedError(f"The request asks for another answer than approved or rejected: {page}")
    barred = {key_of(name) for name in (*policy["exclude"], item["requester"])}
    if key_of(call.approver) in barred:
        raise RefusedError(f"{call.approver} may not decide this request.")
    if not policy["groups"] and call.approver not in policy["users"]:
        raise RefusedError(f"{call.approver} is not among those who are asked: {page}")


def _wake(item: Item, decision: Item) -> bool:
    """Complete the callback. False where it was closed already: the item's decision is honoured all the same."""
    try:
        lambdas().send_durable_execution_callback_success(
            CallbackId=item["callback_id"], Result=json.dumps(decision).encode()
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in CLOSED:
            logger.warning("The workflow could not be woken", reason=error.response["Error"]["Code"])
        return False
    return True


def _shown(item: Item) -> dict[str, Any]:
    shown: dict[str, Any] = json_ready({name: value for name, value in item.items() if name not in SECRET})
    return shown


def _brief(item: Item) -> dict[str, Any]:
    wanted = ("approval_id", "workflow", "stage", "title", "requester", "amount", "currency", "status")
    brief: dict[str, Any] = json_ready(
        {name: item[name] for name in (*wanted, "created_at", "expires_at") if name in item}
    )
    return brief


def _reply(status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": status, "body": json.dumps(body)}

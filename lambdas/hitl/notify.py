"""Telling people that a request waits for them: once, however often the step is tried."""

import unicodedata
import uuid
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004

from hitl.clock import now, readable, stamp
from hitl.settings import settings
from hitl.store import Amendment, Item, Table, entry
from hitl.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

SUBJECT_LENGTH = 99
NOTICE_ATTEMPTS = 4
SERVER_ERROR = 500


class NoticeRefusedError(RuntimeError):
    """SNS refused the notice and nothing was sent; the submitter should be tried again."""


@cache
def sns() -> "SNSClient":
    """The client of this sandbox. One try per call: a retry after a lost answer would send twice."""
    return boto3.client("sns", config=Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1}))


def notify_once(table: Table, approval_id: str) -> None:
    """Publish the notice of a pending request, claimed on the item first.

    The trade: the claim is written before SNS is called. A crash between the two, or an answer that never comes, keeps
    the claim, so that people may miss a mail but never get two; the request waits in the queue either way. A definite
    refusal gives the claim back and the next try publishes. After `NOTICE_ATTEMPTS` refusals the request stands without
    a notice: a mail that cannot be sent must not fail an approval.

    Raises:
        NoticeRefusedError: refused, claim given back; try again.
        ContentionError, botocore's errors: the table did not answer; try again.
    """
    token = uuid.uuid4().hex

    def claim(item: Item) -> Amendment | None:
        if item["status"] != "pending" or "notified_at" in item:
            return None
        values = {"notified_at": stamp(now()), "notice_token": token}
        note = f"Notice to {', '.join((*item['policy']['groups'], *item['policy']['users']))}."
        return Amendment(values=values, entries=(entry("workflow", "notified", note),), only_without=("notified_at",))

    item = table.amend(approval_id, claim)
    if item.get("notice_token") != token:
        return
    try:
        sns().publish(**notice(item))
    except (ClientError, ConnectionError, HTTPClientError) as error:
        if _was_refused(error):
            _give_back(table, item, token, error)
        else:
            logger.warning("Unknown whether the notice was sent", approval_id=approval_id, error=str(error))


def notice(item: Mapping[str, Any]) -> Any:
    """The arguments of `sns.publish` for one request: words for people, attributes to filter on.

    Carries the link to the request's page, never the callback id.
    """
    asked = f"{item['title']}\n\n{item['summary']}".strip()
    money = f"\nAmount: {item['amount']} {item['currency']}" if "amount" in item else ""
    who = f"\nFrom: {item['requester']}" if item["requester"] else ""
    body = (
        f"{asked}\n{who}{money}\nAnswer by: {readable(item['expires_at'])}\n\n"
        f"{settings().portal_url}/requests/{item['approval_id']}/\n"
    )
    attributes = {name: item[name] for name in ("workflow", "stage", "approval_id", "requester")}
    return {
        "TopicArn": settings().topic_arn,
        "Subject": _subject(item["title"]),
        "Message": _visible(body),
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value
        },
    }


def _subject(title: str) -> str:
    """SNS takes printable ASCII on one line, under 100 characters."""
    plain = unicodedata.normalize("NFKD", f"Approval needed: {title}").encode("ascii", "ignore").decode()
    line = " ".join("".join(char if char.isprintable() else " " for char in plain).split())
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 3] + "..."


def _visible(text: str) -> str:
    """Without control and direction characters, which could make a mail read otherwise than it is."""
    return "".join(char for char in text if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))


def _was_refused(error: Exception) -> bool:
    """True if SNS certainly sent nothing; an unknown outcome is not a refusal."""
    if isinstance(error, ClientError):
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"]) < SERVER_ERROR
    return isinstance(error, ConnectionError) and not isinstance(error, HTTPClientError)


def _give_back(table: Table, claimed: Item, token: str, error: Exception) -> None:
    attempts = int(claimed.get("notice_refusals", 0)) + 1
    final = attempts >= NOTICE_ATTEMPTS
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    outlook = "Nobody was told; the request waits in the queue." if final else "It will be tried again."

    def change(item: Item) -> Amendment | None:
        if item.get("notice_token") != token:
            return None
        return Amendment(
            values={"notice_refusals": attempts},
            removals=() if final else ("notified_at", "notice_token"),
            entries=(entry("workflow", "notified", f"The notice was refused ({code}). {outlook}"),),
        )

    table.amend(claimed["approval_id"], change)
    if not final:
        raise NoticeRefusedError(f"SNS refused the notice: {code}") from error

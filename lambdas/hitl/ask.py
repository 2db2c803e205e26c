"""Asking people: one call in a workflow, one request in the queue, one verdict back."""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from aws_durable_execution_sdk_python import (
    CallbackError,
    CallbackExternalError,
    CallbackTimeoutError,
    DurableContext,
    StepContext,
)
from aws_durable_execution_sdk_python.config import Duration, WaitForCallbackConfig
from aws_durable_execution_sdk_python.types import WaitForCallbackContext
from pydantic import BaseModel

from hitl.clock import now, stamp
from hitl.identity import numbered, occurrence, run_name_of
from hitl.notify import notify_once
from hitl.policy import Policy
from hitl.retries import RECORDING, NotOursError, table_retries
from hitl.runs import Run, plain, told
from hitl.settings import settings
from hitl.settle import Request, Wake, Waking, settle, verdict_of
from hitl.store import Item, approvals, entry
from hitl.telemetry import traced
from hitl.verdict import WITHDRAWALS, Outcome, Terms, Verdict

STAGE = re.compile(r"[a-z][a-z0-9-]{0,39}")
OPTION = re.compile(r"[a-z][a-z0-9_]{0,39}")
TITLE_LENGTH = 200
ITEM_BYTES = 250_000
# How the run's progress names the end of a stage.
ENDED = {
    Outcome.APPROVED: "answered",
    Outcome.REJECTED: "answered",
    Outcome.TIMEOUT: "unanswered",
    Outcome.CANCELLED: "closed",
    Outcome.ERROR: "failed",
}
RESERVED = frozenset({*WITHDRAWALS, "pending", "timeout", "error"})

type Kind = Literal["approval", "revision", "question"]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, whoever is asked; checked here so that a mistake fails the run before anybody waits."""

    workflow: str
    stage: str
    kind: Kind
    title: str
    summary: str
    requester: str
    amount: Decimal | None
    currency: str
    details: Mapping[str, Any]
    attachments: Sequence[Mapping[str, Any]]
    options: tuple[str, ...]
    response_schema: type[BaseModel] | None
    wait: timedelta
    heartbeat: timedelta | None

    def __post_init__(self) -> None:
        if not STAGE.fullmatch(self.stage):
            raise ValueError(f"stage must be like 'manager' or 'legal-review', got {self.stage!r}")
        if not self.title.strip() or len(self.title) > TITLE_LENGTH:
            raise ValueError(f"title must have 1 to {TITLE_LENGTH} characters")
        for name, length in (("timeout", self.wait), ("heartbeat", self.heartbeat)):
            if length is not None and length < timedelta(seconds=1):
                raise ValueError(f"{name} must be a second or more, got {length}")
        if self.amount is not None and not (isinstance(self.amount, Decimal) and self.amount.is_finite()):
            raise TypeError(f"amount must be a finite Decimal, got {self.amount!r}")
        if (self.amount is None) != (not self.currency):
            raise ValueError("amount and currency belong together")
        self._check_options()

    def _check_options(self) -> None:
        unfit = [option for option in self.options if not OPTION.fullmatch(option) or option in RESERVED]
        if unfit or len(self.options) != len(set(self.options)) or len(self.options) < 1:
            raise ValueError(f"options must be different lower-case words and none of {sorted(RESERVED)}")
        if self.options[0] == "rejected":
            raise ValueError("the first option is the yes; it cannot be 'rejected'")

    def as_item(self) -> Item:
        """The part of the item that is the question itself."""
        item: Item = {
            "workflow": self.workflow,
            "stage": self.stage,
            "kind": self.kind,
            "title": self.title,
            "summary": self.summary,
            "requester": self.requester,
            "currency": self.currency,
            "details": plain(self.details),
            "attachments": plain(self.attachments),
            "options": list(self.options),
        }
        if self.amount is not None:
            item["amount"] = self.amount
        if self.heartbeat is not None:
            item["heartbeat_seconds"] = _seconds(self.heartbeat)
        if self.response_schema is not None:
            item["response_schema"] = json.dumps(self.response_schema.model_json_schema())
        if len(json.dumps(item, default=str).encode()) > ITEM_BYTES:
            raise ValueError(f"the request is over {ITEM_BYTES} bytes: store large content and pass a reference to it")
        return item


def request_approval(
    context: DurableContext,
    *,
    stage: str,
    title: str,
    policy: Policy,
    timeout: timedelta,
    run: Run | None = None,
    workflow: str | None = None,
    requester: str | None = None,
    summary: str = "",
    amount: Decimal | None = None,
    currency: str = "",
    details: Mapping[str, Any] | None = None,
    attachments: Sequence[Mapping[str, Any]] = (),
    options: Sequence[str] = ("approved", "rejected"),
    response_schema: type[BaseModel] | None = None,
    kind: Kind = "approval",
    escalation: Sequence[Policy] = (),
    heartbeat: timedelta | None = None,
) -> Verdict:
    """Put one question to people and suspend, at no cost, until it is settled.

    Exactly one request item is written and settled per level asked, whatever is replayed or retried. The requester
    may never answer. If nobody answers in time the request settles as `timeout` and the next policy of `escalation` is
    asked the same, as a new request. Four operations per level; with `run` one more per level, and one at the end.

    Args:
        context: the durable context; inside a parallel branch, that branch's.
        stage: which question of the run this is: `[a-z][a-z0-9-]*`, up to 40. Asked again, it gets the next number.
        title: one line, up to 200 characters.
        policy: who may answer.
        timeout: how long each level waits, a second or more, rounded up to whole seconds.
        run: records waiting and answer in the run; gives `workflow` and `requester`.
        workflow: its name in the portal, if there is no `run`; else the service name of the function.
        requester: portal username of who asked for it, if there is no `run`.
        summary: what to know before deciding, plain text.
        amount: with `currency` (ISO 4217), money at stake.
        details: plain values to show: text, whole numbers, Decimals, booleans, lists, maps. No floats.
        attachments: references `{"id", "name", "content_type", "size"}` to the portal's private files.
        options: allowed answers. The first is the yes and settles as `approved`, any other as `rejected`.
        response_schema: pydantic model of a structured answer; checked on arrival, given as `verdict.response`. Where
            no field of it is needed, an answer may come without: `verdict.response` is None then.
        kind: what the portal should show: an approval, a question, or a revision, which is put to the requester alone.
        escalation: who is asked next when nobody answers, one policy per level.
        heartbeat: the attention deadline: without a beat for so long the request counts as unanswered.

    Returns:
        The verdict. Ask `verdict.approved`; a withdrawal, a timeout and an answer that is not valid are no approval.

    Raises:
        ValueError, TypeError: the question itself is wrong; nobody was asked.
        StepError: the tables did not answer for hours.
    """
    asker = requester if requester is not None else (run.requester if run else "")
    question = _Question(
        workflow=workflow or (run.workflow if run else settings().service),
        stage=stage,
        kind=kind,
        title=title,
        summary=summary,
        requester=asker,
        amount=amount,
        currency=currency,
        details=details or {},
        attachments=attachments,
        options=tuple(options),
        response_schema=response_schema,
        wait=timedelta(seconds=_seconds(timeout)),
        heartbeat=heartbeat,
    )
    levels = _levels(kind, asker, (policy, *escalation))
    verdict = _ask_levels(context, question, levels, run)
    if run:
        run.progress(f"{stage} {ENDED[verdict.outcome]}", told(verdict), context=context)
    return verdict


def _levels(kind: Kind, asker: str, policies: Sequence[Policy]) -> list[Policy]:
    """Who is asked, level by level. The requester never answers, but for a revision, which nobody else could make."""
    if kind != "revision":
        return [level.excluding(asker) for level in policies]
    if not asker or list(policies) != [Policy(users=(asker,))]:
        raise ValueError("a revision is put to the requester alone, with nobody after")
    return list(policies)


def _ask_levels(context: DurableContext, question: _Question, levels: Sequence[Policy], run: Run | None) -> Verdict:
    arn = context.execution_context.durable_execution_arn
    run_name = run_name_of(arn)
    for level, policy in enumerate(levels):
        if run:
            before = "Nobody answered in time; now waiting" if level else "Waiting"
            run.waiting(context, question.stage, f"{before} for {policy.named()}.")
        following = levels[level + 1 :]
        number = occurrence(context, f"ask {question.stage}")
        name = numbered(question.stage, number)
        request = Request(
            approval_id=f"{run_name}.{name}",
            run_arn=arn,
            terms=Terms(question.options, frozenset(policy.exclude), policy.required, question.response_schema),
            next_id=f"{run_name}.{numbered(question.stage, number + 1)}" if following else None,
            next_people=following[0].named() if following else "",
        )
        asked = question.as_item() | {
            "approval_id": request.approval_id,
            "run_name": run_name,
            "run_arn": arn,
            "policy": policy.as_item(following),
        }
        verdict = _ask_once(context, name, question, request, asked)
        if verdict.outcome is not Outcome.TIMEOUT:
            break
    return verdict


def _ask_once(context: DurableContext, name: str, question: _Question, request: Request, asked: Item) -> Verdict:
    def submit(callback_id: str, _: WaitForCallbackContext) -> None:
        expires_at = _started(context, callback_id) + question.wait
        with traced("ask", approval_id=request.approval_id):
            _open(asked | {"callback_id": callback_id, "expires_at": stamp(expires_at)})

    def close(_: StepContext) -> Item:
        with traced("settle", approval_id=request.approval_id):
            return settle(approvals(), request, wake)

    wake = _wait(context, name, question, submit)
    settled = context.step(close, name=f"{name} settle", config=RECORDING)
    return verdict_of(request.approval_id, settled)


def _wait(
    context: DurableContext,
    name: str,
    question: _Question,
    submit: Callable[[str, WaitForCallbackContext], None],
) -> Wake:
    """Suspend until the callback ends, one way or another. Only the SDK's callback errors are answers here."""
    config = WaitForCallbackConfig(
        timeout=Duration(_seconds(question.wait)),
        heartbeat_timeout=Duration(_seconds(question.heartbeat) if question.heartbeat else 0),
        retry_strategy=table_retries,
    )
    try:
        return Wake(Waking.ANSWERED, payload=context.wait_for_callback(submit, name=name, config=config))
    except CallbackTimeoutError:
        return Wake(Waking.TIMED_OUT)
    except CallbackExternalError as error:
        return Wake(Waking.REFUSED, payload=error.data, message=error.message or "")
    except CallbackError as error:
        return Wake(Waking.UNASKED, message=error.message or "")


def _open(item: Item) -> None:
    """Write the request and tell people. May be tried many times, also after the answer; it takes effect once.

    Raises:
        NotOursError: the id belongs to another question; not worth another try.
    """
    note = f"Asked {', '.join((*item['policy']['groups'], *item['policy']['users']))}."
    if not approvals().put_new(item | {"status": "pending"}, entry("workflow", "opened", note)):
        there = approvals().get(item["approval_id"])
        if there is None or there["run_arn"] != item["run_arn"]:
            raise NotOursError(f"Request {item['approval_id']} belongs to another run")
    notify_once(approvals(), item["approval_id"])


def _seconds(length: timedelta) -> int:
    return math.ceil(length.total_seconds())


def _started(context: DurableContext, callback_id: str) -> datetime:
    """When the callback's timer began: a retried submitter must not promise people more time than there is."""
    for operation in context.state.operations.values():
        details = operation.callback_details
        if details and details.callback_id == callback_id and operation.start_timestamp:
            return operation.start_timestamp
    return now()

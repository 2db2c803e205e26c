"""Settling a request: one conditional update from `pending`. The item decides; the callback only wakes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hitl.clock import instant, now, readable, stamp
from hitl.store import Amendment, Item, ItemMissingError, Table, entry
from hitl.verdict import Answer, InvalidAnswerError, Outcome, Terms, Verdict, quote

NOTE_LENGTH = 500


class Waking(StrEnum):
    """Why the workflow runs again."""

    ANSWERED = "answered"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    UNASKED = "unasked"


@dataclass(frozen=True, slots=True)
class Wake:
    """How one wait ended.

    Attributes:
        waking: the kind.
        payload: what came with it: the callback's result, or a failure's data.
        message: what AWS says about a failure.
    """

    waking: Waking
    payload: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """The request to settle, as the workflow knows it.

    Attributes:
        approval_id: its key.
        run_arn: the execution that asked; nobody else's request is ever settled.
        terms: what counts as an answer.
        next_id: the request that follows if nobody answers, None for the last.
        next_people: who is asked then, in words.
    """

    approval_id: str
    run_arn: str
    terms: Terms
    next_id: str | None = None
    next_people: str = ""


@dataclass(frozen=True, slots=True)
class _Ruling:
    outcome: Outcome
    note: str
    answer: Answer | None = None


def settle(table: Table, request: Request, wake: Wake) -> Item:
    """Close the request and say what came of it. The body of one step; repeating it changes nothing.

    Precedence: the decision in the item, then what came with the callback, then the timer. An item that is settled
    already is followed as it stands. Whatever is not a valid answer settles as `error`.

    Returns:
        `{"status", "reason", "decision"?}`, plain values for the checkpoint; read it with `verdict_of`.

    Raises:
        ContentionError, botocore's errors: nothing is settled yet; try the step again.
    """

    def change(item: Item) -> Amendment | None:
        if item["run_arn"] != request.run_arn or item["status"] != "pending":
            return None
        return _amendment(request, _rule(request.terms, item, wake), recorded="decision" in item)

    try:
        item = table.amend(request.approval_id, change)
    except ItemMissingError:
        return _outcome(Outcome.ERROR, _unasked(wake, "the request is not in its table"))
    if item["run_arn"] != request.run_arn:
        return _outcome(Outcome.ERROR, f"Request {request.approval_id} belongs to another run.")
    return _stored_outcome(item, request.terms)


def verdict_of(approval_id: str, settled: Mapping[str, Any]) -> Verdict:
    """The verdict that a settle step recorded."""
    outcome = Outcome(settled["status"])
    answer = settled.get("decision")
    if answer is None:
        return Verdict(outcome=outcome, approval_id=approval_id, reason=settled["reason"])
    return Verdict(
        outcome=outcome,
        approval_id=approval_id,
        decision=answer["decision"],
        reason=answer["comments"],
        decided_by=answer["decided_by"],
        decided_at=instant(answer["decided_at"]),
        decision_id=answer["decision_id"],
        response=answer["response"],
    )


def _rule(terms: Terms, item: Item, wake: Wake) -> _Ruling:
    try:
        if "decision" in item:
            return _answered(terms, terms.recorded(item["decision"]), "")
        if wake.waking is Waking.ANSWERED:
            return _answered(terms, terms.sent(wake.payload), " The answer came with the callback.")
        if wake.waking is Waking.REFUSED and wake.payload:
            return _answered(terms, terms.withdrawal(wake.payload), " The answer came with the callback.")
    except InvalidAnswerError as error:
        return _Ruling(Outcome.ERROR, f"An answer came that is not valid: {error}.")
    return _unanswered(item, wake)


def _unanswered(item: Item, wake: Wake) -> _Ruling:
    if wake.waking is Waking.TIMED_OUT:
        return _Ruling(Outcome.TIMEOUT, f"Nobody answered by {readable(item['expires_at'])}.")
    if wake.waking is Waking.REFUSED:
        return _Ruling(Outcome.ERROR, f"The callback was failed without an answer: {quote(wake.message)}.")
    return _Ruling(Outcome.ERROR, _unasked(wake, "it could not be put to people"))


def _answered(terms: Terms, answer: Answer, suffix: str) -> _Ruling:
    outcome = terms.outcome_of(answer)
    return _Ruling(outcome, f"{answer.decision.capitalize()} by {answer.decided_by}.{suffix}", answer)


def _amendment(request: Request, ruling: _Ruling, *, recorded: bool) -> Amendment:
    values: Item = {"status": ruling.outcome.value, "settled_at": stamp(now())}
    entries = [entry("workflow", "settled", ruling.note[:NOTE_LENGTH])]
    if not recorded and ruling.answer is not None:
        values["decision"] = ruling.answer.model_dump(exclude_none=True)
        entries.insert(0, entry(ruling.answer.decided_by, "decided", ruling.answer.decision))
    if ruling.outcome is Outcome.TIMEOUT and request.next_id:
        entries.append(entry("workflow", "escalated", f"To {request.next_people} as {request.next_id}."))
    return Amendment(
        values=values,
        removals=("callback_id",),
        entries=tuple(entries),
        only_if={"status": "pending"},
        only_without=() if recorded else ("decision",),
    )


def _stored_outcome(item: Item, terms: Terms) -> Item:
    """What a settled item says, taking nothing on trust: a yes without a valid decision is an error."""
    status = Outcome(item["status"])
    reason = next((line["note"] for line in reversed(item["events"]) if line["action"] in ("settled", "closed")), "")
    if status in (Outcome.TIMEOUT, Outcome.ERROR) or (status is Outcome.CANCELLED and "decision" not in item):
        return _outcome(status, reason)
    try:
        answer = terms.recorded(item.get("decision"))
    except InvalidAnswerError as error:
        return _outcome(Outcome.ERROR, f"The request says {status.value} without a valid decision: {error}.")
    if terms.outcome_of(answer) is not status:
        return _outcome(Outcome.ERROR, f"The request says {status.value}, its decision {quote(answer.decision)}.")
    return _outcome(status, reason) | {"decision": answer.model_dump(exclude={"votes"})}


def _unasked(wake: Wake, otherwise: str) -> str:
    return f"The request failed before anybody was asked: {quote(wake.message or otherwise)}."


def _outcome(status: Outcome, reason: str) -> Item:
    return {"status": status.value, "reason": reason}

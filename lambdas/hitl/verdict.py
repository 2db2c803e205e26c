"""Answers of people, read strictly: what is not exactly an answer is an error, never an approval."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from boto3.dynamodb.types import DYNAMODB_CONTEXT
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from hitl.clock import instant, stamp
from hitl.policy import key_of

WITHDRAWALS = ("withdrawn", "cancelled")
QUOTE_LENGTH = 160
# An answer must fit beside the request in one item of 400 KB.
PAYLOAD_LENGTH = 60_000
NESTING = 16


class Outcome(StrEnum):
    """How a request ended; also the item's final `status`."""

    APPROVED = "approved"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    ERROR = "error"


class InvalidAnswerError(ValueError):
    """What came is not an answer to the request; the message says what was wrong and shows it escaped."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of asking.

    Attributes:
        outcome: how it ended. Only `Outcome.APPROVED` means yes.
        approval_id: the request that ended it (after an escalation, the last one).
        decision: the exact answer, one of the request's options, or "withdrawn"/"cancelled"; None without an answer.
        reason: one sentence for people. For a decision this is the comment that came with it.
        decided_by: portal username, "" without an answer.
        decided_at: aware UTC, None without an answer.
        decision_id: the portal's id of the decision, "" without an answer.
        response: the structured answer, if the request asked for one.
    """

    outcome: Outcome
    approval_id: str
    decision: str | None = None
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    decision_id: str = ""
    response: dict[str, Any] | None = None

    @property
    def approved(self) -> bool:
        """True for a yes, and for nothing else."""
        return self.outcome is Outcome.APPROVED

    @property
    def comments(self) -> str:
        """What the person wrote, "" without an answer."""
        return self.reason if self.decision is not None else ""

    def __bool__(self) -> bool:
        # Every verdict would be true, so that "if verdict:" would approve all of them.
        raise TypeError("A Verdict is neither true nor false: ask verdict.approved or verdict.outcome")


def _aware(text: str) -> str:
    return stamp(instant(text))


class Answer(BaseModel):
    """A decision as the portal sends it (the callback's result). Source: docs/decision-protocol.md."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    decision_id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    decision: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    comments: Annotated[str, StringConstraints(max_length=20_000)]
    decided_by: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,150}$")]
    decided_at: Annotated[str, AfterValidator(_aware)]
    response: dict[str, Any] | None = None


class RecordedAnswer(Answer):
    """A decision as it stands in the item, with the votes that made it."""

    votes: list[Any] = []


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts as an answer to one request.

    Attributes:
        options: allowed decisions; the first is the yes.
        excluded: usernames whose answer does not count.
        required: how many people must have said yes; more than one are counted in the recorded votes.
        response_model: how a structured answer must look, None if none is asked for.
    """

    options: tuple[str, ...]
    excluded: frozenset[str] = frozenset()
    required: int = 1
    response_model: type[BaseModel] | None = None

    def outcome_of(self, answer: Answer) -> Outcome:
        """What an accepted answer settles as."""
        if answer.decision in WITHDRAWALS:
            return Outcome.CANCELLED
        return Outcome.APPROVED if answer.decision == self.options[0] else Outcome.REJECTED

    def recorded(self, value: object) -> RecordedAnswer:
        """The decision that the item holds.

        Raises:
            InvalidAnswerError: it is not one, or not allowed here.
        """
        answer = _read(RecordedAnswer, _whole_numbers(value))
        self._check(answer, (*self.options, *WITHDRAWALS))
        self._check_quorum(answer, answer.votes)
        return answer

    def sent(self, payload: str | None) -> Answer:
        """The decision in a callback's result.

        Raises:
            InvalidAnswerError: not JSON, not an answer, or not one of the options.
        """
        answer = _read(Answer, _json(payload))
        self._check(answer, self.options)
        self._check_quorum(answer, ())
        return answer

    def withdrawal(self, payload: str | None) -> Answer:
        """The withdrawal in a callback failure's data: the one thing that a failure may say.

        Raises:
            InvalidAnswerError: it says anything else.
        """
        answer = _read(Answer, _json(payload))
        self._check(answer, WITHDRAWALS)
        return answer

    def _check(self, answer: Answer, allowed: tuple[str, ...]) -> None:
        if answer.decision not in allowed:
            raise InvalidAnswerError(f"decision {quote(answer.decision)} is not one of {', '.join(allowed)}")
        if answer.decision in WITHDRAWALS:
            return
        if self._is_barred(answer.decided_by):
            raise InvalidAnswerError(f"{quote(answer.decided_by)} may not decide this request")
        self._check_response(answer)

    def _is_barred(self, name: str) -> bool:
        """Whether the name is excluded, however it is spelled."""
        return key_of(name) in {key_of(excluded) for excluded in self.excluded}

    def _check_quorum(self, answer: Answer, votes: Sequence[Any]) -> None:
        if self.required == 1 or answer.decision != self.options[0]:
            return
        agreed = {
            key_of(vote["by"])
            for vote in votes
            if isinstance(vote, dict) and vote.get("decision") == answer.decision and isinstance(vote.get("by"), str)
        }
        if sum(not self._is_barred(name) for name in agreed) < self.required:
            raise InvalidAnswerError(f"the votes do not show {self.required} people who agreed")

    def _check_response(self, answer: Answer) -> None:
        if self.response_model is None:
            return
        if answer.response is None:
            if answer.decision == "rejected" or not any(
                field.is_required() for field in self.response_model.model_fields.values()
            ):
                return
            raise InvalidAnswerError("the answer lacks its response")
        try:
            self.response_model.model_validate(answer.response)
        except ValidationError as error:
            raise InvalidAnswerError(f"response: {first_fault(error)}") from error


def quote(value: object) -> str:
    """Foreign text made safe to show: escaped to printable ASCII, cut to a line."""
    text = json.dumps(value, default=str)
    return text if len(text) <= QUOTE_LENGTH else text[:QUOTE_LENGTH] + "…"


def first_fault(error: ValidationError) -> str:
    """The first thing wrong, as `field: what`. Leaves out the value, which may be long or private."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in fault["loc"]) or "the whole"
    return f"{place}: {fault['msg']}"


def _read[A: Answer](model: type[A], value: object) -> A:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidAnswerError(f"{first_fault(error)}; what came: {quote(value)}") from error


def _json(payload: str | None) -> object:
    if not payload:
        raise InvalidAnswerError("it is empty")
    if len(payload) > PAYLOAD_LENGTH:
        raise InvalidAnswerError(f"it is longer than {PAYLOAD_LENGTH} characters; what came: {quote(payload)}")
    try:
        value: object = json.loads(
            payload,
            parse_float=_number,
            parse_int=lambda text: int(_number(text)),
            parse_constant=_refuse_constant,
            object_pairs_hook=_each_key_once,
        )
        _check_storable(value)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise InvalidAnswerError(f"it is not JSON that can be kept; what came: {quote(payload)}") from error
    return value


def _number(text: str) -> Decimal:
    # Raises where DynamoDB would: beyond 38 digits, or out of range.
    return DYNAMODB_CONTEXT.create_decimal(text)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs) or "" in whole:
        raise ValueError("a key is empty or appears twice")
    return whole


def _check_storable(value: object, depth: int = 0) -> None:
    """Raise ValueError for what an item cannot hold: lone surrogates, and nesting beyond any honest answer."""
    if depth > NESTING:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict):
        for key, inner in value.items():
            key.encode()
            _check_storable(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check_storable(inner, depth + 1)


def _whole_numbers(value: Any) -> Any:
    """DynamoDB's numbers as JSON would have given them: whole ones as int."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(inner) for inner in value]
    return value

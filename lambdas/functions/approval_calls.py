"""What ApprovalApi can be asked, read strictly; and in plain sentences what is wrong with any other call."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

SHOWN_FAULTS = 5
LONGEST_NAME = 80

type Status = Literal["pending", "approved", "rejected", "timeout", "cancelled", "error"]
type RequestId = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Call(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ListCall(_Call):
    """`{"action": "list", "status"?}`: a hundred of one status, `pending` unless said otherwise.

    What waits comes longest waiting first, what is settled newest first.
    """

    action: Literal["list"]
    status: Status = "pending"


class GetCall(_Call):
    """`{"action": "get", "approval_id"}`."""

    action: Literal["get"]
    approval_id: RequestId


class DecideCall(_Call):
    """`{"action": "decide", "approval_id", "decision", "approver", "comments"?}`; `approver` is the caller's word."""

    action: Literal["decide"]
    approval_id: RequestId
    decision: Literal["approved", "rejected"]
    approver: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,150}$")]
    comments: Annotated[str, StringConstraints(max_length=10_000)] = ""


type Call = Annotated[ListCall | GetCall | DecideCall, Field(discriminator="action")]
_call: TypeAdapter[Call] = TypeAdapter(Call)
_MODELS: dict[str, type[_Call]] = {"list": ListCall, "get": GetCall, "decide": DecideCall}
# What each field must be, behind "must be" and "it is".
_EXPECTED = {
    "status": f"one of {', '.join(get_args(Status.__value__))}",
    "approval_id": "the id of a request as text of 1 to 200 characters, such as expense-1042.manager",
    "decision": "approved or rejected",
    "approver": "the username of who decides, as text of 1 to 150 characters on one line",
    "comments": "text of at most 10000 characters",
}


class CallError(Exception):
    """The call cannot be read; the message is for the caller."""


def read(event: Any) -> Call:
    """Return the call that an event is. Raises CallError with a sentence for each fault, without the values."""
    try:
        return _call.validate_python(event)
    except ValidationError as error:
        reason = _faults(event, error)
    # Outside the handler: pydantic's text repeats the values, and tracebacks are logged.
    raise CallError(reason)


def _faults(event: Any, error: ValidationError) -> str:
    if not isinstance(event, dict):
        return 'Send a JSON object, such as {"action": "list"}.'
    model = _MODELS.get(event["action"]) if isinstance(event.get("action"), str) else None
    if model is None:
        return '"action" must be list, get or decide: {"action": "list"} lists what waits.'
    found = error.errors(include_url=False, include_input=False, include_context=False)
    said = [_sentence(model, str(event["action"]), fault["type"], str(fault["loc"][-1])) for fault in found]
    more = [f"And {len(said) - SHOWN_FAULTS} more."] if len(said) > SHOWN_FAULTS else []
    return " ".join([*said[:SHOWN_FAULTS], *more])


def _sentence(model: type[_Call], action: str, kind: str, field: str) -> str:
    if kind == "extra_forbidden":
        # A foreign key, made safe to show.
        name = field.encode("ascii", "backslashreplace").decode()[:LONGEST_NAME]
        return f'"{name}" is not a field of {action}, which takes {", ".join(model.model_fields)}: leave it out.'
    if kind == "missing":
        return f'"{field}" is missing: give {_EXPECTED[field]}.'
    return f'"{field}" must be {_EXPECTED[field]}.'

"""The frame of a workflow: strict input, a recorded run, and every failure on the record before Lambda sees it."""

from collections.abc import Callable
from typing import Any, ClassVar

from aws_durable_execution_sdk_python import (
    DurableContext,
    DurableExecutionsError,
    durable_execution,
)
from aws_durable_execution_sdk_python.exceptions import UnrecoverableError
from pydantic import BaseModel, ConfigDict, ValidationError

from hitl.runs import Run, RunFailed
from hitl.telemetry import logger

type Story[I: WorkflowInput] = Callable[[DurableContext, Run, I], dict[str, Any]]

SHOWN_FAULTS = 5
PLACE_LENGTH = 80
_SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this workflow",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "list_type": "must be a list",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "too_short": "must have {min_length} or more entries",
    "too_long": "must have at most {max_length} entries",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "must have at most {max_length} characters",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
}


class InvalidInputError(RunFailed):
    """The input was refused; the message names each field and what is wrong with it."""


class WorkflowInput(BaseModel):
    """Base of a workflow's input: unknown keys are refused, types are not guessed, nothing changes afterwards.

    Attributes:
        requester_field: which field names the requester.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, str_strip_whitespace=False)
    requester_field: ClassVar[str] = "requester"

    def run_title(self) -> str:
        """One line for lists. Override it."""
        return type(self).__name__

    def recorded(self) -> dict[str, Any]:
        """The input as people may see it in the run. Override it to redact."""
        return self.model_dump(mode="json", exclude_none=True)


def workflow[I: WorkflowInput](name: str, *, takes: type[I]) -> Callable[[Story[I]], Callable[[Any, Any], Any]]:
    """Make a durable Lambda handler of a story `(context, run, input) -> result`.

    The input is read strictly; what is wrong with it fails the run at once. The run is recorded from its opening. The
    story ends with `run.succeed(…)` or `run.stop(verdict)`; anything it raises ends the run as `failed` with the reason
    and then fails the execution. The SDK's own control flow passes through untouched.

    Args:
        name: the workflow's name in tables and portal.
        takes: the model of its input.
    """

    def decorate(story: Story[I]) -> Callable[[Any, Any], Any]:
        @durable_execution
        def handler(event: Any, context: DurableContext) -> dict[str, Any]:
            context.set_logger(logger)
            run = Run(context, name)
            given = _read(takes, event, run)
            run.open(title=given.run_title(), requester=_requester(takes, event), recorded=given.recorded())
            try:
                return story(context, run, given)
            except UnrecoverableError:
                raise
            except Exception as error:
                # The outermost frame of the workflow: whatever ends it must be seen in the run.
                _record_failure(run, context, error)
                raise

        return handler

    return decorate


def _read[I: WorkflowInput](model: type[I], event: Any, run: Run) -> I:
    try:
        return model.model_validate(event)
    except ValidationError as error:
        reason = faults(error)
        run.refuse(
            title=f"{run.workflow.capitalize()} that could not be read",
            requester=_requester(model, event),
            reason=reason,
        )
        # Not "from error": pydantic's text repeats the values, and tracebacks are logged.
        raise InvalidInputError(reason) from None


def _requester(model: type[WorkflowInput], event: Any) -> str:
    name = event.get(model.requester_field) if isinstance(event, dict) else None
    return name if isinstance(name, str) and name.isprintable() and len(name) <= 150 else ""  # noqa: PLR2004


def faults(error: ValidationError) -> str:
    """What is wrong, field by field, without the values: `lines.2.amount must be more than zero.`"""
    found = error.errors(include_url=False, include_input=False)
    sentences = []
    for fault in found[:SHOWN_FAULTS]:
        limits: dict[str, Any] = fault.get("ctx", {})
        said = _SENTENCES[fault["type"]].format(**limits) if fault["type"] in _SENTENCES else _said(fault["msg"])
        # A check of the whole names its fields itself.
        whole = "" if fault["type"] == "value_error" else "The input "
        sentences.append(f"{_place(fault['loc']) or whole}{said}.")
    if len(found) > SHOWN_FAULTS:
        sentences.append(f"And {len(found) - SHOWN_FAULTS} more.")
    return " ".join(sentences)


def _place(parts: tuple[int | str, ...]) -> str:
    """`lines.2.amount `: counted from one, as people do; a foreign key is escaped and cut."""
    named = ".".join(str(part + 1) if isinstance(part, int) else part for part in parts)
    shown = named.encode("ascii", "backslashreplace").decode()[:PLACE_LENGTH]
    return f"{shown} " if shown else ""


def _said(message: str) -> str:
    return (
        message.removeprefix("Value error, ")
        .removesuffix(".")
        .replace("Input should", "should")
        .replace("String should", "should")
    )


def _record_failure(run: Run, context: DurableContext, error: Exception) -> None:
    try:
        run.fail(error)
    except UnrecoverableError:
        raise
    except DurableExecutionsError as unrecorded:
        context.logger.warning("The failure could not be recorded in the run", extra={"reason": str(unrecorded)})

"""Acts that can be undone: reserve and cancel by other functions, and people for an undo that fails."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, InvokeError
from aws_durable_execution_sdk_python.config import Duration

from hitl import Policy, Run, Verdict, request_approval
from hitl.settings import required
from workflows.limits import number

OPERATORS = Policy(groups=("operators",))
TRIES = 3
FIRST_PAUSE_SECONDS = 2
QUESTIONS = 10
RETRY, BY_HAND, WAIVE = "retry", "done_by_hand", "waive"
STUCK = "stuck"


class BookingRefusedError(Exception):
    """A business no, such as a full flight: not tried again."""


class BookingFailedError(Exception):
    """The service did not answer, or not in its own terms; what it did is not known."""


@dataclass(frozen=True, slots=True)
class Booking:
    """One act and, by the same id, its undo.

    Attributes:
        service: `flight`, `hotel` or `car`.
        booking_id: made before the act.
        details: what to book, plain JSON.
        fail: simulate a refusal.
    """

    service: str
    booking_id: str
    details: Mapping[str, Any]
    fail: bool = False

    def told(self, state: str, reason: str = "", by: str = "") -> dict[str, str]:
        """How it stands, for the run's result: booked, undone, done_by_hand, waive or stuck."""
        return {"service": self.service, "booking_id": self.booking_id, "state": state, "reason": reason, "by": by}


def reserve(context: DurableContext, run: Run, booking: Booking) -> None:
    """Make the booking.

    Raises:
        BookingRefusedError: the service said no.
        BookingFailedError: no readable answer after three tries.
    """
    event = {
        "booking_id": booking.booking_id,
        "run_name": run.name,
        "details": dict(booking.details),
        "simulate_failure": booking.fail,
    }
    answer = _call(context, "reserve", booking.service, event)
    if answer.get("outcome") == "refused":
        raise BookingRefusedError(f"The {booking.service} was refused: {answer.get('reason', '')}")
    if answer.get("outcome") != "reserved":
        raise BookingFailedError(f"The {booking.service} could not be booked.")


def undo(context: DurableContext, run: Run, title: str, booking: Booking) -> dict[str, str]:
    """Cancel the booking, with people's help if need be, and say how it was settled: stuck where nobody could."""
    for _ in range(QUESTIONS + 1):
        try:
            reason = _cancel(context, booking)
        except BookingFailedError as fault:
            run.progress(f"cancel_{booking.service}", f"{fault} Operators are asked.", level="error")
        else:
            run.progress(f"cancel_{booking.service}", f"Undone: {reason}")
            return booking.told("undone", reason)
        settled = _ask_operators(context, run, title, booking)
        if settled is not None:
            return settled
    run.progress(f"cancel_{booking.service}", f"Given up after {QUESTIONS + 1} questions.", level="error")
    return booking.told(STUCK, "It may still be booked.")


def _cancel(context: DurableContext, booking: Booking) -> str:
    answer = _call(context, "cancel", booking.service, {"booking_id": booking.booking_id})
    if answer.get("outcome") != "cancelled":
        raise BookingFailedError(f"The {booking.service} could not be cancelled.")
    return str(answer.get("reason", ""))


def _ask_operators(context: DurableContext, run: Run, title: str, booking: Booking) -> dict[str, str] | None:
    """How operators settled the undo by their own hands, or None to try it again."""
    verdict = request_approval(
        context,
        run=run,
        stage=f"undo-{booking.service}",
        kind="question",
        title=f"Cancel the {booking.service} of {title}"[:200],
        summary=f"Cancelling {booking.booking_id} failed. Try again, cancel it by hand, or waive it with a reason.",
        details={"service": booking.service, "booking_id": booking.booking_id, "booking": dict(booking.details)},
        options=(RETRY, BY_HAND, WAIVE),
        policy=OPERATORS,
        timeout=timedelta(seconds=max(1, int(number("OPERATOR_WAIT_SECONDS")))),
    )
    return _settled(run, booking, verdict)


def _settled(run: Run, booking: Booking, verdict: Verdict) -> dict[str, str] | None:
    if verdict.decision == WAIVE and not verdict.comments.strip():
        run.progress(f"cancel_{booking.service}", "A waiver needs a reason; trying again.", level="warning")
        return None
    if verdict.decision not in (BY_HAND, WAIVE):
        return None
    return booking.told(verdict.decision, verdict.comments, verdict.decided_by)


def _call(context: DurableContext, what: str, service: str, event: dict[str, Any]) -> Mapping[str, Any]:
    """Invoke one of the booking functions, three times at most, with pauses.

    Raises:
        BookingFailedError: it failed each time, or gave no object.
    """
    function = f"{required('BOOKINGS_FUNCTION_PREFIX')}{what}-{service}:live"
    for attempt in range(1, TRIES + 1):
        try:
            answer: object = context.invoke(function, event, name=f"{what} {service}")
        except InvokeError:
            if attempt < TRIES:
                context.wait(Duration.from_seconds(FIRST_PAUSE_SECONDS**attempt), name=f"{what} {service} pause")
        else:
            return answer if isinstance(answer, dict) else {}
    raise BookingFailedError(f"The {service} service did not answer to {what} in {TRIES} tries.")

"""Travel: approval before money moves, then flight, hotel and car; a failure undoes what was done, in reverse."""

import uuid
from typing import Any

from aws_durable_execution_sdk_python import DurableContext

from hitl import Policy, Run, RunFailed, Verdict, request_approval, workflow
from hitl.runs import json_ready
from hitl.settings import optional
from workflows.limits import number, waiting_time
from workflows.saga import STUCK, Booking, BookingFailedError, BookingRefusedError, reserve, undo
from workflows.travel_input import CURRENCY, SERVICES, Trip

MANAGERS = Policy(groups=("managers",))


@workflow("travel", takes=Trip)
def handler(context: DurableContext, run: Run, trip: Trip) -> dict[str, Any]:
    """From the request to three bookings, or to none. The run ends only when every undo is settled."""
    approval = approve(context, run, trip)
    if approval is not None and not approval.approved:
        return run.stop(approval)

    planned = plan(context, run, trip)
    registered: list[Booking] = []
    try:
        for booking in planned:
            registered.append(booking)  # before the act: what wrote and then failed is undone too
            run.progress(f"reserve_{booking.service}", f"Reserving the {booking.service} as {booking.booking_id}.")
            reserve(context, run, booking)
    except BookingRefusedError as refusal:
        return give_up(context, run, trip, registered, str(refusal))
    except BookingFailedError as fault:
        give_up(context, run, trip, registered, str(fault), fault=True)
        raise RunFailed(f"{fault} All bookings are undone.") from None
    return run.succeed(
        {
            "total": trip.total,
            "currency": CURRENCY,
            "bookings": [booking.told("booked") for booking in registered],
            "approved_by": approval.decided_by if approval is not None else "",
        }
    )


def approve(context: DurableContext, run: Run, trip: Trip) -> Verdict | None:
    """A manager's answer; None under the limit. A price that is not known is over it."""
    limit = number("TRAVEL_APPROVAL_LIMIT")
    if None not in trip.prices and trip.total < limit:
        run.progress("approval", f"{trip.total} {CURRENCY} needs no approval.")
        return None
    return request_approval(
        context,
        run=run,
        stage="approval",
        title=trip.run_title(),
        summary="" if None not in trip.prices else "Not every price is known before booking.",
        amount=trip.total,
        currency=CURRENCY,
        details={service: trip.booking(service) for service in SERVICES},
        policy=MANAGERS.excluding(trip.passengerName),
        timeout=waiting_time(None),
    )


def plan(context: DurableContext, run: Run, trip: Trip) -> list[Booking]:
    """The bookings in order, under ids that one step makes before anything is booked."""
    ids = context.step(lambda _: {service: f"{service}-{uuid.uuid4().hex}" for service in SERVICES}, name="booking ids")
    failing = trip.failing
    if failing and optional("ALLOW_FAILURE_INJECTION") != "true":
        run.progress("plan", "The failure switches do nothing in this stack.", level="warning")
        failing = frozenset()
    return [
        Booking(service, ids[service], json_ready(trip.booking(service)), fail=service in failing)
        for service in SERVICES
    ]


def give_up(
    context: DurableContext,
    run: Run,
    trip: Trip,
    registered: list[Booking],
    reason: str,
    *,
    fault: bool = False,
) -> dict[str, Any]:
    """Undo the registered bookings, last first, and end the run as denied; a fault is left to the caller to raise.

    Raises:
        RunFailed: one could not be undone by anybody; the others are, and it is named.
    """
    run.progress("undo", f"{reason} Undoing {len(registered)} bookings.", level="warning")
    undone = [undo(context, run, trip.run_title(), booking) for booking in reversed(registered)]
    left = [f"{one['service']} {one['booking_id']}" for one in undone if one["state"] == STUCK]
    settled = f"Not undone: {', '.join(left)}." if left else "Every undo is settled."
    run.record_once("compensation", {"reason": reason, "bookings": undone}, settled)
    if left:
        raise RunFailed(f"{settled} It may still be booked.")
    return {} if fault else run.deny({"bookings": undone}, reason)

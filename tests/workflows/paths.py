"""Every way that each workflow can go: what is submitted, what people answer, and what must be on record afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.workflows.claims import claim
from tests.workflows.stage import Handler, Stage
from tests.workflows.trips import trip
from workflows import document, expense, loan, moderation, travel

type Answer = tuple[str, str, dict[str, Any]]
REVISED = {"document_name": "Lease v2", "changes": "Clause 4"}


@dataclass(frozen=True)
class Path:
    """One way.

    Attributes:
        name: in the test's id.
        handler, payload: what is started.
        ending: the run's last status.
        requests: stage with attempt, and how it settled, in order.
        answers: stage, choice and more fields of the answer, in order.
        facts: what is recorded once.
        bookings: what the desks hold at the end.
        env: other limits of the stack.
        fraud: what the fraud check answers: `cleared`, `flagged`, `failed` or nothing.
        broken: calls of the desks that fail before they take effect, and how often; `lost` after.
    """

    name: str
    handler: Handler
    payload: Mapping[str, Any]
    ending: str
    requests: tuple[tuple[str, str], ...] = ()
    answers: tuple[Answer, ...] = ()
    facts: tuple[str, ...] = ()
    bookings: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    fraud: str = "cleared"
    broken: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)

    def play(self, stage: Stage) -> None:
        """Start it and answer everything that is asked."""
        stage.start(dict(self.payload))
        for name, choice, fields in self.answers:
            asked = stage.waiting(name)
            if choice == "withdrawn":
                stage.withdraw(asked)
            else:
                stage.decide(asked, choice, **fields)
        stage.end()


def says(stage: str, choice: str = "approved", **fields: Any) -> Answer:
    """One answer."""
    return (stage, choice, fields)


def paper(**fields: Any) -> dict[str, Any]:
    """A document."""
    return {"document_id": "D-7", "document_name": "Lease 2027", "requester": "rita"} | fields


def flagged(**fields: Any) -> dict[str, Any]:
    """Flagged content."""
    content = {"content_id": "c-17", "content_type": "comment", "excerpt": "Watches!", "author": "ann"}
    return {**content, "flags": ["spam"]} | fields


def application(digits: str = "1111", amount: str = "20000", **fields: Any) -> dict[str, Any]:
    """A loan application."""
    who = {"application_id": "L-1", "applicant_name": "Ada Obi", "ssn_last4": digits, "annual_income": "90000"}
    return {**who, "loan_amount": amount, "loan_purpose": "Kitchen"} | fields


def _expense(name: str, amount: str, ending: str, **more: Any) -> Path:
    facts = ("reimbursement",) if ending == "succeeded" else ()
    return Path(
        f"expense: {name}", expense.handler, claim(amount, **more.pop("fields", {})), ending, facts=facts, **more
    )


def _document(name: str, ending: str, **more: Any) -> Path:
    return Path(f"document: {name}", document.handler, paper(**more.pop("fields", {})), ending, **more)


def _moderation(name: str, ending: str, **more: Any) -> Path:
    fields = more.pop("fields", {})
    return Path(f"moderation: {name}", moderation.handler, flagged(**fields), ending, facts=("moderation",), **more)


def _loan(name: str, ending: str, digits: str = "1111", amount: str = "20000", **more: Any) -> Path:
    facts = ("disbursement",) if ending == "succeeded" else ()
    return Path(f"loan: {name}", loan.handler, application(digits, amount), ending, facts=facts, **more)


def _travel(name: str, ending: str, **more: Any) -> Path:
    return Path(f"travel: {name}", travel.handler, trip(**more.pop("fields", {})), ending, **more)


BY_FIN = {"decided_by": "fin"}
BY_RITA = {"decided_by": "rita", "response": REVISED}
SENT_BACK = says("review", "changes_requested", comments="Clause 4")
BOOKED = {"flight": "reserved", "hotel": "reserved", "car": "reserved"}
UNDONE = {"facts": ("compensation",), "fields": {"failBookHotel": True}}
ASKED_OPERATORS = UNDONE | {"broken": {"cancel-flight": 3}}

EXPENSE = [
    _expense("passes by itself", "10", "succeeded"),
    _expense("manager", "120.50", "succeeded", answers=(says("manager"),), requests=(("manager", "approved"),)),
    _expense("manager says no", "120.50", "denied",
             answers=(says("manager", "rejected"),), requests=(("manager", "rejected"),)),
    _expense("manager and finance", "2000", "succeeded", answers=(says("manager"), says("finance", **BY_FIN)),
             requests=(("manager", "approved"), ("finance", "approved"))),
    _expense("finance says no", "2000", "denied", answers=(says("manager"), says("finance", "rejected", **BY_FIN)),
             requests=(("manager", "approved"), ("finance", "rejected"))),
    _expense("directors", "120.50", "succeeded", fields={"timeout_seconds": 2}, answers=(says("manager.2"),),
             requests=(("manager", "timeout"), ("manager.2", "approved"))),
    _expense("nobody", "120.50", "timed_out", fields={"timeout_seconds": 1},
             requests=(("manager", "timeout"), ("manager.2", "timeout"))),
    _expense("withdrawn", "120.50", "cancelled",
             answers=(says("manager", "withdrawn"),), requests=(("manager", "cancelled"),)),
]  # fmt: skip
DOCUMENT = [
    _document("approved", "succeeded", answers=(says("review"),), requests=(("review", "approved"),)),
    _document("rejected", "denied", answers=(says("review", "rejected"),), requests=(("review", "rejected"),)),
    _document("changed, then approved", "succeeded",
              answers=(SENT_BACK, says("revision", "revised", **BY_RITA), says("review.2")),
              requests=(("review", "rejected"), ("revision", "approved"), ("review.2", "approved"))),
    _document("changed as often as may be, then rejected", "denied",
              answers=(SENT_BACK, says("revision", "revised", **BY_RITA), says("review.2", "changes_requested"),
                       says("revision.2", "revised", **BY_RITA), says("review.3", "rejected")),
              requests=(("review", "rejected"), ("revision", "approved"), ("review.2", "rejected"),
                        ("revision.2", "approved"), ("review.3", "rejected"))),
    _document("nobody reviews", "timed_out", fields={"timeout_seconds": 1}, requests=(("review", "timeout"),)),
    _document("nobody revises", "timed_out", fields={"timeout_seconds": 3}, answers=(SENT_BACK,),
              requests=(("review", "rejected"), ("revision", "timeout"))),
    _document("withdrawn", "cancelled", answers=(SENT_BACK, says("revision", "withdrawn")),
              requests=(("review", "rejected"), ("revision", "cancelled"))),
]  # fmt: skip
MODERATION = [
    _moderation("publish", "succeeded",
                answers=(says("moderation", "publish"),), requests=(("moderation", "approved"),)),
    _moderation("remove", "succeeded",
                answers=(says("moderation", "remove"),), requests=(("moderation", "rejected"),)),
    _moderation("nobody, hidden", "timed_out", fields={"timeout_seconds": 1}, requests=(("moderation", "timeout"),)),
    _moderation("nobody, visible", "timed_out", fields={"timeout_seconds": 1, "content_type": "review"},
                requests=(("moderation", "timeout"),)),
    _moderation("withdrawn", "cancelled",
                answers=(says("moderation", "withdrawn"),), requests=(("moderation", "cancelled"),)),
]  # fmt: skip
LOAN = [
    _loan("good credit", "succeeded"),
    _loan("fair credit", "succeeded", "3333", "40000"),
    _loan("poor credit", "denied", "2222"),
    _loan("manager", "succeeded", "1111", "100000",
          answers=(says("manager"),), requests=(("manager", "approved"),)),
    _loan("manager says no", "denied", "1111", "100000",
          answers=(says("manager", "rejected"),), requests=(("manager", "rejected"),)),
    _loan("no manager", "timed_out", "1111", "100000",
          env={"APPROVAL_TIMEOUT_SECONDS": "1"}, requests=(("manager", "timeout"),)),
    _loan("withdrawn", "cancelled", "1111", "100000",
          answers=(says("manager", "withdrawn"),), requests=(("manager", "cancelled"),)),
    _loan("flagged", "denied", fraud="flagged"),
    _loan("check failed", "failed", fraud="failed"),
    _loan("check silent", "failed", fraud="", env={"FRAUD_CHECK_SECONDS": "2"}),
]  # fmt: skip
TRAVEL = [
    _travel("booked", "succeeded", bookings=BOOKED),
    _travel("approved", "succeeded", fields={"carPrice": None}, bookings=BOOKED,
            answers=(says("approval"),), requests=(("approval", "approved"),)),
    _travel("rejected", "denied", fields={"carPrice": None},
            answers=(says("approval", "rejected"),), requests=(("approval", "rejected"),)),
    _travel("nobody approves", "timed_out", fields={"carPrice": None}, env={"APPROVAL_TIMEOUT_SECONDS": "1"},
            requests=(("approval", "timeout"),)),
    _travel("no flight", "denied", facts=("compensation",), fields={"failBookFlight": True},
            bookings={"flight": "cancelled"}),
    _travel("no hotel", "denied", **UNDONE, bookings={"flight": "cancelled", "hotel": "cancelled"}),
    _travel("no car", "denied", facts=("compensation",), fields={"failBookCar": True},
            bookings=dict.fromkeys(BOOKED, "cancelled")),
    _travel("hotel out of order", "failed", facts=("compensation",), lost={"reserve-hotel": 3},
            bookings={"flight": "cancelled", "hotel": "cancelled"}),
    _travel("answers lost", "succeeded", lost={"reserve-flight": 1, "reserve-car": 2}, bookings=BOOKED),
    _travel("undo retried", "denied", **ASKED_OPERATORS,
            answers=(says("undo-flight", "retry", decided_by="olga"),), requests=(("undo-flight", "approved"),),
            bookings={"flight": "cancelled", "hotel": "cancelled"}),
    _travel("undone by hand", "denied", **ASKED_OPERATORS,
            answers=(says("undo-flight", "done_by_hand", decided_by="olga"),), requests=(("undo-flight", "rejected"),),
            bookings={"flight": "reserved", "hotel": "cancelled"}),
    _travel("undo waived", "denied", **ASKED_OPERATORS,
            answers=(says("undo-flight", "waive", decided_by="olga"),), requests=(("undo-flight", "rejected"),),
            bookings={"flight": "reserved", "hotel": "cancelled"}),
]  # fmt: skip
PATHS = [*EXPENSE, *DOCUMENT, *MODERATION, *LOAN, *TRAVEL]

"""What the keys of the product's own workflows are called; the key of any other workflow is called by its own words."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from approvals.web import formats

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WORKFLOWS = {
    "expense": _("Expense"),
    "document": _("Document"),
    "moderation": _("Moderation"),
    "loan": _("Loan"),
    "travel": _("Travel"),
}
STAGES = {
    "manager": pgettext_lazy("stage", "Manager"),
    "finance": pgettext_lazy("stage", "Finance"),
    "review": pgettext_lazy("stage", "Review"),
    "revision": pgettext_lazy("stage", "Revision"),
    "approval": pgettext_lazy("stage", "Approval"),
    "undo-flight": pgettext_lazy("stage", "Undo flight"),
    "undo-hotel": pgettext_lazy("stage", "Undo hotel"),
    "undo-car": pgettext_lazy("stage", "Undo car"),
}
# What a run tells of itself (lambdas/workflows).
STEPS = {
    "validating": pgettext_lazy("step of a run", "Validating"),
    "plan": pgettext_lazy("step of a run", "Plan"),
    "undo": pgettext_lazy("step of a run", "Undo"),
    "complete": pgettext_lazy("step of a run", "Complete"),
    "credit_check": pgettext_lazy("step of a run", "Credit check"),
    "fraud_check": pgettext_lazy("step of a run", "Fraud check"),
    "risk_assessment": pgettext_lazy("step of a run", "Risk assessment"),
    "generating_offer": pgettext_lazy("step of a run", "Generating offer"),
    "manager_approval": pgettext_lazy("step of a run", "Manager approval"),
    "disbursing": pgettext_lazy("step of a run", "Disbursing"),
    "reserve_flight": pgettext_lazy("step of a run", "Reserve flight"),
    "reserve_hotel": pgettext_lazy("step of a run", "Reserve hotel"),
    "reserve_car": pgettext_lazy("step of a run", "Reserve car"),
    "cancel_flight": pgettext_lazy("step of a run", "Cancel flight"),
    "cancel_hotel": pgettext_lazy("step of a run", "Cancel hotel"),
    "cancel_car": pgettext_lazy("step of a run", "Cancel car"),
}
# What requests say about themselves: the labels of their details, and of the content that a decision is bound to.
DETAILS = {
    "amount": _("Amount"),
    "annual_income": _("Annual income"),
    "applicant_name": _("Applicant name"),
    "application_id": _("Application ID"),
    "asked_by": _("Asked by"),
    "attachments": _("Attachments"),
    "author": _("Author"),
    "booking": _("Booking"),
    "booking_id": _("Booking ID"),
    "car": pgettext_lazy("detail", "Car"),
    "category": _("Category"),
    "changes": _("Changes"),
    "check_in": pgettext_lazy("hotel", "Check in"),
    "check_out": pgettext_lazy("hotel", "Check out"),
    "content_id": _("Content ID"),
    "content_type": _("Content type"),
    "currency": _("Currency"),
    "date": pgettext_lazy("detail", "Date"),
    "description": _("Description"),
    "details": _("Details"),
    "document_id": _("Document ID"),
    "document_name": _("Document name"),
    "driver": _("Driver"),
    "dropoff": pgettext_lazy("rented car", "Dropoff"),
    "dropoff_date": pgettext_lazy("rented car", "Dropoff date"),
    "expense_id": _("Expense ID"),
    "flags": pgettext_lazy("moderation", "Flags"),
    "flight": _("Flight"),
    "from": pgettext_lazy("place of departure", "From"),
    "grade": pgettext_lazy("credit", "Grade"),
    "guest": _("Guest"),
    "hotel": _("Hotel"),
    "if_nobody_answers": _("If nobody answers"),
    "kind": pgettext_lazy("detail", "Kind"),
    "lines": pgettext_lazy("expense", "Lines"),
    "offer_up_to": _("Offer up to"),
    "options": pgettext_lazy("detail", "Options"),
    "passenger": _("Passenger"),
    "pickup": pgettext_lazy("rented car", "Pickup"),
    "pickup_date": pgettext_lazy("rented car", "Pickup date"),
    "place": pgettext_lazy("detail", "Place"),
    "policy": _("Policy"),
    "price": _("Price"),
    "receipts": _("Receipts"),
    "requester": _("Requester"),
    "room": pgettext_lazy("hotel", "Room"),
    "rounds_left": _("Rounds left"),
    "score": pgettext_lazy("credit", "Score"),
    "service": pgettext_lazy("detail", "Service"),
    "stage": pgettext_lazy("detail", "Stage"),
    "summary": _("Summary"),
    "title": pgettext_lazy("detail", "Title"),
    "to": pgettext_lazy("place of arrival", "To"),
    "urgent": _("Urgent"),
    "version": pgettext_lazy("detail", "Version"),
    "workflow": _("Workflow"),
}
# Words of fixed lists that details hold as values.
VALUES = {
    "equipment": pgettext_lazy("category", "Equipment"),
    "lodging": pgettext_lazy("category", "Lodging"),
    "meals": pgettext_lazy("category", "Meals"),
    "other": pgettext_lazy("category", "Other"),
    "software": pgettext_lazy("category", "Software"),
    "training": pgettext_lazy("category", "Training"),
    "travel": pgettext_lazy("category", "Travel"),
}


def workflow_label(name: str) -> str:
    """Return what a workflow is called."""
    return _called(name, WORKFLOWS)


def stage_label(name: str) -> str:
    """Return what a stage is called; some have the name of their workflow."""
    return _called(name, STAGES, WORKFLOWS)


def detail_label(key: str) -> str:
    """Return what a part of a request is called."""
    return _called(key, DETAILS)


def value_label(word: str) -> str:
    """Return a word of a fixed list."""
    return _called(word, VALUES)


def key_label(key: str) -> str:
    """Return what any key is called: a workflow's, a stage's or a step's."""
    return _called(key, WORKFLOWS, STAGES, STEPS)


def _called(key: str, *known: "Mapping[str, _StrPromise]") -> str:
    label = next((labels[key] for labels in known if key in labels), None)
    return str(label) if label is not None else formats.words(key)

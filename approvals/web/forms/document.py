"""The document form: what is to be reviewed, and for how long the review may wait."""

from typing import Any, override

from django import forms

from approvals.actions.submit import Filled
from approvals.web.forms.fields import CleanCharField, IdField, Styled
from approvals.web.forms.sheet import Sheet, SheetForm

DAY = 86_400
# A stack may allow more, never less (MaxTimeoutSeconds).
MOST_DAYS = 7
LONGEST_NAME = 120


class DocumentForm(Styled, SheetForm):
    """A document by name and number."""

    sections = (("", "", (("document_name",), ("document_id", "days"))),)

    document_name = CleanCharField(
        label="Document",
        max_length=LONGEST_NAME,
        help_text="As its readers call it.",
        error_messages={"required": "Say which document it is."},
        widget=forms.TextInput(attrs={"placeholder": "Supply contract with Lyon, 2027"}),
    )
    document_id = IdField(
        label="Number", required=False, help_text="Its number where it is kept. Empty, it goes by its reference here."
    )
    days = forms.IntegerField(
        label="Days to answer",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="For each round of review. Empty, the workflow says how long.",
        error_messages={
            "invalid": "Write a whole number of days.",
            "min_value": "Give at least one day.",
            "max_value": f"Give at most {MOST_DAYS} days.",
        },
    )


class DocumentSheet(Sheet):
    """A document to be approved, rejected, or sent back for changes."""

    workflow = "document"
    label = "Document review"
    description = "A document, contract or budget proposal that somebody has to agree to."
    icon = "file"
    form_class = DocumentForm
    stages = {"review": "Review"}
    finish = "Approved"

    @override
    def title(self) -> str:
        """Return the document's name."""
        return str(self.typed.get("document_name") or "")

    @override
    def filled(self) -> Filled:
        """Return the workflow's input; a document without a number goes by the submission's ref."""
        clean = self.form.cleaned_data
        payload: dict[str, Any] = {"document_name": clean["document_name"], "requester": self.viewer.username}
        if clean["document_id"]:
            payload["document_id"] = clean["document_id"]
        if clean["days"]:
            payload["timeout_seconds"] = clean["days"] * DAY
        return Filled(self.workflow, self.title(), payload, "" if clean["document_id"] else "document_id")

"""The document form: what is to be reviewed, and for how long the review may wait."""

from collections.abc import Mapping
from typing import Any, override

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.actions.submit import Filled
from approvals.web.forms.fields import CleanCharField, IdField, Styled
from approvals.web.forms.sheet import Sheet, SheetForm, mark_of
from approvals.web.labels import Text, Texts

DAY = 86_400
# A stack may allow more, never less (MaxTimeoutSeconds).
MOST_DAYS = 7
LONGEST_NAME = 120


class DocumentForm(Styled, SheetForm):
    """A document by name and number."""

    sections = (("", "", (("document_name",), ("document_id", "days"))),)

    document_name = CleanCharField(
        label=gettext_lazy("Document"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("As its readers call it."),
        error_messages={"required": gettext_lazy("Say which document it is.")},
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("Supply contract with Lyon, 2027")}),
    )
    document_id = IdField(
        label=pgettext_lazy("document", "Number"),
        required=False,
        help_text=gettext_lazy("Its number where it is kept. Empty, it goes by its reference here."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days to answer"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("For each round of review. Empty, the workflow says how long."),
        error_messages={
            "invalid": gettext_lazy("Write a whole number of days."),
            "min_value": gettext_lazy("Give at least one day."),
            "max_value": gettext_lazy("Give at most %(limit_value)s days."),
        },
    )


class DocumentSheet(Sheet):
    """A document to be approved, rejected, or sent back for changes."""

    workflow = "document"
    label = Text(gettext_lazy("Document review"))
    heading = Text(gettext_lazy("New document review"))
    description = Text(gettext_lazy("A document, contract or budget proposal that somebody has to agree to."))
    icon = "file"
    form_class = DocumentForm
    stages = Texts({"review": gettext_lazy("Review")})
    finish = Text(gettext_lazy("Approved"))

    @override
    def title(self) -> str:
        """Return the document's name."""
        return str(self.typed.get("document_name") or "")

    @override
    @classmethod
    def likenesses(cls, typed: Mapping[str, Any]) -> dict[str, str]:
        """Return the document by its name and number."""
        return {mark_of(typed, "document_name", "document_id"): _("This document")}

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

"""The loan form. The digits of the applicant's number go to the workflow and are kept nowhere else."""

from collections.abc import Mapping
from typing import Any, override

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.actions.submit import Filled
from approvals.web.forms.fields import CentsField, CleanCharField, Styled, in_short
from approvals.web.forms.sheet import Sheet, SheetForm, mark_of
from approvals.web.labels import Text, Texts

CURRENCY = "USD"
AMOUNTS = ("annual_income", "loan_amount")
# The demo's bureaus know these three by their digits (product.md).
APPLICANTS = {
    "ada": (gettext_lazy("Ada Obi: approved"), ("Ada Obi", "1111", "85000", "20000", "New kitchen")),
    "ben": (gettext_lazy("Ben Ruiz: denied"), ("Ben Ruiz", "2222", "32000", "15000", "Car")),
    "cleo": (gettext_lazy("Cleo Hart: up to 25,000"), ("Cleo Hart", "3333", "54000", "25000", "Workshop tools")),
}
EXAMPLE_FIELDS = ("applicant_name", "ssn_last4", "annual_income", "loan_amount", "loan_purpose")


class LoanForm(Styled, SheetForm):
    """Who asks for how much, and what for."""

    sections = (
        (gettext_lazy("Applicant"), "", (("applicant_name", "ssn_last4", "annual_income"), ("address", "phone"))),
        (gettext_lazy("Loan"), gettext_lazy("In US dollars"), (("loan_amount", "loan_purpose"),)),
    )

    applicant_name = CleanCharField(
        label=gettext_lazy("Name"),
        max_length=150,
        error_messages={"required": gettext_lazy("Say who asks for the loan.")},
    )
    ssn_last4 = forms.CharField(
        label=gettext_lazy("Last 4 of SSN"),
        validators=[RegexValidator(r"\A[0-9]{4}\Z", gettext_lazy("Write exactly four digits."))],
        help_text=gettext_lazy("For the credit bureaus only. Neither a draft nor any list keeps it."),
        error_messages={"required": gettext_lazy("Write the last four digits of the social security number.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "4"}),
    )
    annual_income = CentsField(
        label=gettext_lazy("Income a year"), error_messages={"required": gettext_lazy("Write the income before tax.")}
    )
    loan_amount = CentsField(
        label=gettext_lazy("Amount"), error_messages={"required": gettext_lazy("Write how much is asked for.")}
    )
    loan_purpose = CleanCharField(
        label=gettext_lazy("Purpose"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say what the loan is for.")},
    )
    address = CleanCharField(label=gettext_lazy("Address"), max_length=500, required=False)
    phone = CleanCharField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )


class LoanSheet(Sheet):
    """A loan in US dollars."""

    workflow = "loan"
    label = Text(gettext_lazy("Loan application"))
    heading = Text(gettext_lazy("New loan application"))
    description = Text(
        gettext_lazy(
            "A loan: three credit bureaus and a fraud check look at it, and a manager from 100,000 dollars up."
        )
    )
    icon = "users"
    currency = CURRENCY
    form_class = LoanForm
    stages = Texts({"manager": gettext_lazy("Manager")})
    stage_note = Text(gettext_lazy("From 100,000 dollars up."))
    finish = Text(gettext_lazy("Disbursed"))
    # Who has paid one back may ask for as much again.
    alike_while_open = True

    @property
    @override
    def examples(self) -> list[tuple[str, str]]:
        """The demo's three applicants."""
        return [(f"fill:{key}", str(says)) for key, (says, _typed) in APPLICANTS.items()] if settings.DEMO else []

    @override
    def act(self, action: str) -> bool:
        """Fill in one of the demo's applicants."""
        verb, _, key = action.partition(":")
        if verb != "fill" or not settings.DEMO or key not in APPLICANTS:
            return False
        self.typed |= dict(zip(EXAMPLE_FIELDS, APPLICANTS[key][1], strict=True))
        self.lay_out(checked=False)
        return True

    @override
    def title(self) -> str:
        """Return e.g. ``Loan for Ada Obi: new kitchen``: English in every language, for the workflow is given it."""
        name, purpose = self.typed.get("applicant_name") or "", self.typed.get("loan_purpose") or ""
        return f"Loan for {name}: {purpose}".removesuffix(": ") if name else ""

    @override
    @classmethod
    def shown(cls, typed: Mapping[str, Any]) -> dict[str, Any]:
        """Return the application as its page shows it, amounts as numbers, never the digits."""
        plain = super().shown(typed)
        plain.pop("ssn_last4", None)
        return plain | {name: in_short(plain[name]) for name in AMOUNTS if name in plain}

    @override
    @classmethod
    def likenesses(cls, typed: Mapping[str, Any]) -> dict[str, str]:
        """Return the applicant with the amount."""
        asked = {**typed, "loan_amount": in_short(typed.get("loan_amount"))}
        return {mark_of(asked, "applicant_name", "loan_amount"): _("A loan of this amount for this applicant")}

    @override
    def filled(self) -> Filled:
        """Return the workflow's input; empty fields are left out."""
        clean = self.form.cleaned_data
        texts = {name: value for name, value in clean.items() if value and name not in AMOUNTS}
        amounts = {name: f"{clean[name]:.2f}" for name in AMOUNTS}
        payload = {**texts, **amounts, "requester": self.viewer.username}
        return Filled(self.workflow, self.title(), payload, "application_id", clean["loan_amount"], CURRENCY)

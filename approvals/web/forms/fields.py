"""Fields and habits that the portal's forms share."""

from decimal import Decimal
from typing import Any, override

from django import forms

from approvals.models.text import clean, one_line
from approvals.web.forms.amounts import number_typed

PLAIN_WIDGETS = (forms.CheckboxInput, forms.RadioSelect, forms.HiddenInput, forms.FileInput)
MINUSES = ("-", "\u2212")


class Styled:
    """Gives each field of a form the look of the design system."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, PLAIN_WIDGETS):
                field.widget.attrs.setdefault("class", "input")


TOO_LONG = "This is too long: it has %(show_value)s characters, and %(limit_value)s are the most."


class CleanCharField(forms.CharField):
    """One line of text without control and deceptive characters."""

    default_error_messages = {"max_length": TOO_LONG}

    @override
    def to_python(self, value: Any) -> str:
        """Clean before lengths are checked: cleaning can change them."""
        return one_line(clean(super().to_python(value) or ""))


class CleanTextField(forms.CharField):
    """Text of several lines without control and deceptive characters."""

    widget = forms.Textarea
    default_error_messages = {"max_length": TOO_LONG}

    @override
    def to_python(self, value: Any) -> str:
        """Clean before lengths are checked."""
        return clean(super().to_python(value) or "").strip()


class AmountField(forms.CharField):
    """Money as people type it, with a decimal point or comma, and marks between thousands; the value is a Decimal.

    What could be read in two ways (``1,240``) is refused rather than guessed.
    """

    @override
    def to_python(self, value: Any) -> Any:
        """Return a Decimal over zero, or None when empty. Raises ValidationError."""
        text = clean(str(value or "")).strip().lstrip("+")
        if not text:
            return None
        if text.startswith(MINUSES):
            raise forms.ValidationError("The amount must be more than zero.")
        return more_than_zero(number_typed(text))

    @override
    def run_validators(self, value: Any) -> None:
        """Leave out the checks of text: the value is a number."""


def more_than_zero(amount: Decimal) -> Decimal:
    """Return the amount. Raises ValidationError for zero."""
    if amount <= 0:
        raise forms.ValidationError("The amount must be more than zero.")
    return amount

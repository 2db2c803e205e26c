"""Fields and habits that the portal's forms share."""

import re
from decimal import Decimal
from typing import Any, override

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models.text import clean, one_line
from approvals.web.forms.amounts import number_typed

PLAIN_WIDGETS = (forms.CheckboxInput, forms.RadioSelect, forms.HiddenInput, forms.FileInput)
MINUSES = ("-", "\u2212")
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Styled:
    """Gives each field of a form the look of the design system."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, PLAIN_WIDGETS):
                field.widget.attrs.setdefault("class", "input")


TOO_LONG = gettext_lazy("This is too long: it has %(show_value)s characters, and %(limit_value)s are the most.")


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
            raise forms.ValidationError(_("The amount must be more than zero."))
        return more_than_zero(number_typed(text))

    @override
    def run_validators(self, value: Any) -> None:
        """Leave out the checks of text: the value is a number."""


class CentsField(AmountField):
    """Money in a currency with two decimals."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    @override
    def to_python(self, value: Any) -> Any:
        """Return a Decimal with two decimals, or None when empty. Raises ValidationError."""
        amount = super().to_python(value)
        if amount is None:
            return None
        if amount != round(amount, 2):
            raise forms.ValidationError(_("An amount in dollars has at most two decimals."))
        return amount.quantize(Decimal("0.01"))


class IdField(CleanCharField):
    """A name by which other systems know a thing. Source: the workflows' inputs."""

    @override
    def clean(self, value: Any) -> str:
        """Return the id. Raises ValidationError."""
        name: str = super().clean(value)
        if name and not IDENTIFIER.fullmatch(name):
            raise forms.ValidationError(_("Use letters, digits, - and _ only, at most 64 of them, such as C-2026-17."))
        return name


class DayField(forms.DateField):
    """A day of the calendar, by the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        invalid = gettext_lazy("Write the date as year-month-day, such as 2026-11-21.")
        messages = {"invalid": invalid} | kwargs.pop("error_messages", {})
        super().__init__(error_messages=messages, **kwargs)


def in_short(text: Any) -> str:
    """Return an amount as typed as a plain number that a page can draw; as it is where it cannot be read."""
    try:
        amount = AmountField().to_python(text)
    except forms.ValidationError:
        return str(text)
    return "" if amount is None else f"{amount:f}"


def more_than_zero(amount: Decimal) -> Decimal:
    """Return the amount. Raises ValidationError for zero."""
    if amount <= 0:
        raise forms.ValidationError(_("The amount must be more than zero."))
    return amount

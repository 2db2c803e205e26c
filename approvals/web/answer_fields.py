"""One property of a JSON Schema as one form field."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, override

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from approvals.models.text import clean, one_line
from approvals.web.forms.amounts import number_typed
from approvals.web.forms.fields import MINUSES

ONE_LINE = 200
LONGEST = 10_000
MOST_OPTIONS = 100
DIGITS = 15
SAID = frozenset({"title", "description", "default", "examples", "type"})
KEYWORDS = {
    "string": SAID | {"minLength", "maxLength"},
    "integer": SAID | {"minimum", "maximum"},
    "number": SAID | {"minimum", "maximum", "multipleOf"},
    "boolean": SAID,
}
DEFINED = "#/$defs/"


class Unknown(ValueError):  # noqa: N818 (reads as what the schema is)
    """The portal cannot draw this schema."""


class Words(forms.CharField):
    """Text as people write it, without marks that hide; None when left empty."""

    @override
    def to_python(self, value: Any) -> Any:
        text = clean(str(value or ""))
        is_line = self.max_length is not None and self.max_length <= ONE_LINE
        return (one_line(text) if is_line else text.strip()) or None

    @override
    def run_validators(self, value: Any) -> None:
        if value is not None:
            super().run_validators(value)


class Number(forms.DecimalField):
    """A number as people type it, read as on the portal's own forms, that JSON carries without rounding."""

    @override
    def to_python(self, value: Any) -> Any:
        """Return the number, or None when empty. Raises ValidationError."""
        text = clean(str(value or "")).strip()
        if not text:
            return None
        if text.startswith(MINUSES):
            return -number_typed(text[1:])
        return number_typed(text.removeprefix("+"))

    @override
    def clean(self, value: Any) -> Any:
        number: Decimal | None = super().clean(value)
        if number is None:
            return None
        return int(number) if number == number.to_integral_value() else float(number)


class Choice(forms.TypedChoiceField):
    """One of the values of an enum."""

    def __init__(self, values: list[Any], **options: Any) -> None:
        """Offer the values; they are sent as they stand in the schema."""
        named = {str(value): value for value in values}
        offered = [("", _("Choose one")), *((name, clean(name)) for name in named)]
        super().__init__(choices=offered, coerce=named.__getitem__, empty_value=None, **options)


class YesNo(forms.BooleanField):
    """A tick; without it the answer is no."""

    @override
    def validate(self, value: Any) -> None:
        if not isinstance(value, bool):
            raise ValidationError(_("Tick it or leave it."))


def field_of(part: Any, defined: Any, *, is_needed: bool) -> forms.Field:
    """Return the field for a property. Raises Unknown."""
    part = _resolved(part, defined)
    said: dict[str, Any] = {
        "label": _text(part, "title"),
        "help_text": _text(part, "description"),
        "required": is_needed,
    }
    if "enum" in part:
        return _choice(part, said)
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in KEYWORDS or not KEYWORDS[kind].issuperset(part):
        raise Unknown("a property")
    if kind == "boolean":
        return YesNo(**said)
    return _words(part, said) if kind == "string" else _number(part, said, is_whole=kind == "integer")


def _resolved(part: Any, defined: Any) -> dict[str, Any]:
    """Follow one reference, and take the one branch of a choice that a person can fill in."""
    if not isinstance(part, dict):
        raise Unknown("a property")
    if "$ref" in part:
        name = part["$ref"]
        target = (
            defined.get(name.removeprefix(DEFINED)) if isinstance(defined, dict) and isinstance(name, str) else None
        )
        if not isinstance(target, dict) or "$ref" in target:
            raise Unknown("$ref")
        return {**target, **{key: value for key, value in part.items() if key != "$ref"}}
    if "anyOf" not in part:
        return part
    branches = part["anyOf"]
    if not isinstance(branches, list) or not all(isinstance(one, dict) for one in branches):
        raise Unknown("anyOf")
    filled = [one for one in branches if one.get("type") != "null"]
    # An exact decimal is offered as a number or as text; both mean the number.
    numbers = [one for one in filled if one.get("type") == "number"]
    chosen = numbers if {str(one.get("type")) for one in filled} == {"number", "string"} else filled
    if len(chosen) != 1 or "anyOf" in chosen[0]:
        raise Unknown("anyOf")
    said = {key: value for key, value in part.items() if key != "anyOf"}
    return _resolved({**chosen[0], **said}, defined)


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name, "")
    if not isinstance(value, str):
        raise Unknown(name)
    return value


def _bound(part: Mapping[str, Any], name: str) -> Any:
    value = part.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise Unknown(name)
    return None if value is None else Decimal(str(value))


def _words(part: Mapping[str, Any], said: dict[str, Any]) -> forms.Field:
    longest, least = _bound(part, "maxLength"), _bound(part, "minLength")
    most = LONGEST if longest is None else min(int(longest), LONGEST)
    if most < 1 or (least is not None and least > most):
        raise Unknown("maxLength")
    style = {"class": "input"}
    widget = forms.TextInput(style) if most <= ONE_LINE else forms.Textarea({**style, "rows": "4"})
    return Words(max_length=most, min_length=None if least is None else int(least), widget=widget, **said)


def _number(part: Mapping[str, Any], said: dict[str, Any], *, is_whole: bool) -> forms.Field:
    return Number(
        min_value=_bound(part, "minimum"),
        max_value=_bound(part, "maximum"),
        max_digits=DIGITS,
        decimal_places=0 if is_whole else _places(part),
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "numeric" if is_whole else "decimal"}),
        **said,
    )


def _places(part: Mapping[str, Any]) -> int | None:
    """The decimals that a step such as 0.01 leaves; other steps are not drawn."""
    step = _bound(part, "multipleOf")
    if step is None:
        return None
    _sign, digits, exponent = step.normalize().as_tuple()
    if digits != (1,) or not isinstance(exponent, int) or exponent > 0:
        raise Unknown("multipleOf")
    return -exponent


def _choice(part: Mapping[str, Any], said: dict[str, Any]) -> forms.Field:
    values = part["enum"]
    if not (SAID | {"enum"}).issuperset(part) or not isinstance(values, list) or not 1 <= len(values) <= MOST_OPTIONS:
        raise Unknown("enum")
    if not all(isinstance(one, str | int) and not isinstance(one, bool) and one != "" for one in values):
        raise Unknown("enum")
    if len({str(one) for one in values}) != len(values):
        raise Unknown("enum")
    return Choice(values, widget=forms.Select(attrs={"class": "input"}), **said)

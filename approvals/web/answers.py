"""The structured answer of a request: a form made from the JSON Schema that the producer wrote.

Only what the portal can check as the workflow will is drawn. Any other keyword means that the request is answered
elsewhere: a form that lets through what the workflow refuses would end the request as an error.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.actions.decide import needs_response, takes_response
from approvals.models import ApprovalRequest
from approvals.models.text import clean, one_line
from approvals.web.answer_fields import Number, Unknown, field_of
from approvals.web.approved import LESS
from approvals.web.formats import money
from approvals.web.keys import KEYS

MOST_FIELDS = 20
TOP = frozenset({"type", "title", "description", "properties", "required", "additionalProperties", "$defs"})
LONGEST_LABEL, LONGEST_HINT = 120, 500


class AnswerForm(forms.Form):
    """The fields of one schema. Inputs are numbered, so that a producer's names never reach the page's markup."""

    use_required_attribute = False

    def __init__(self, schema: Mapping[str, Any], data: Any = None, *, currency: str = "") -> None:
        """Read the schema; with the currency of a request about money, whose amount it may lower. Raises Unknown."""
        super().__init__(data, prefix="answer", label_suffix="")
        self.names: dict[str, str] = {}
        self.needed: frozenset[str] = frozenset()
        self._read(schema)
        named = {name: self.fields[number] for number, name in self.names.items()}
        if currency and isinstance(amount := named.get("amount"), Number):
            lowering(amount, currency)

    def _read(self, schema: Mapping[str, Any]) -> None:
        properties, needed = schema.get("properties"), schema.get("required", [])
        if schema.get("type") != "object" or not TOP.issuperset(schema) or not isinstance(properties, dict):
            raise Unknown("the whole")
        if not 1 <= len(properties) <= MOST_FIELDS or not isinstance(needed, list):
            raise Unknown("the whole")
        if not all(isinstance(name, str) and name in properties for name in needed):
            raise Unknown("required")
        self.needed = frozenset(needed)
        # In the order of "required", which is a list: PostgreSQL keeps the keys of a map in an order of its own.
        names = [*dict.fromkeys(needed), *sorted(name for name in properties if name not in self.needed)]
        for number, name in enumerate(names):
            field = field_of(properties[name], schema.get("$defs"), is_needed=name in self.needed)
            called = one_line(clean(str(field.label or "") or name.replace("_", " ").capitalize()))[:LONGEST_LABEL]
            field.label = str(KEYS.get(called, called))
            # The field component takes help texts as markup.
            field.help_text = escape(one_line(clean(str(field.help_text)))[:LONGEST_HINT])
            self.fields[str(number)] = field
            self.names[str(number)] = name

    @property
    def is_optional(self) -> bool:
        """Whether the answer may be given without it."""
        return not self.needed

    @property
    def response(self) -> dict[str, Any]:
        """The answer in JSON values, once valid; what was left empty is left out."""
        given = {self.names[number]: value for number, value in self.cleaned_data.items()}
        return {name: value for name, value in given.items() if value is not None}


def lowering(field: Number, currency: str) -> None:
    """Have a field of the form name the amount that is approved, in words of our own where the label is ours."""
    least, most = cast("Decimal | None", field.min_value), cast("Decimal | None", field.max_value)
    places = field.decimal_places

    def check(amount: Decimal) -> None:
        if places is not None and amount != round(amount, places):
            said = ngettext(
                "An amount in {currency} has at most {count} decimal.",
                "An amount in {currency} has at most {count} decimals.",
                places,
            )
            raise forms.ValidationError(said.format(currency=currency, count=places))
        if amount <= 0 or (least is not None and amount < least) or (most is not None and amount > most):
            if most is None:
                raise forms.ValidationError(_("The amount must be more than zero."))
            said = _("Approve more than nothing, and at most the {most} that were asked for.")
            raise forms.ValidationError(said.format(most=money(most, currency)))

    field.validators = [check]
    # The button says what it will approve.
    field.widget.attrs |= {"data-allowed": "" if places is None else str(places), "autocomplete": "off"}
    if field.label == LESS:
        field.label = _(LESS)
        hint = _("An amount in {currency}, at most what was asked. Leave it empty for the whole amount.")
        field.help_text = escape(hint.format(currency=currency))


def answer_form(item: ApprovalRequest, data: Any = None) -> AnswerForm | None:
    """Return the form of the structured answer, or None where the request asks for none. Raises Unknown."""
    if item.response_schema is None:
        return None
    return AnswerForm(item.response_schema, data, currency=item.currency if item.amount is not None else "")


def answering(item: ApprovalRequest, data: Any = None) -> dict[str, Any]:
    """Return the form for the page, or that the request is answered elsewhere: it needs a form that none can draw."""
    try:
        return {"answer": answer_form(item, data), "is_elsewhere": False}
    except Unknown:
        return {"answer": None, "is_elsewhere": needs_response(item, item.yes)}


def answer_given(item: ApprovalRequest, choice: str, data: Any) -> AnswerForm | None:
    """Return the filled form where the choice goes with one; None where it does not, or where none can be drawn."""
    if not takes_response(item, choice):
        return None
    form: AnswerForm | None = answering(item, data)["answer"]
    return form

"""The fields of an expense and of its lines, with the workflow's limits."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.models import Attachment, User
from approvals.policy import Viewer
from approvals.web.forms.currencies import choices
from approvals.web.forms.fields import AmountField, CleanCharField, CleanTextField, Styled
from approvals.web.forms.sheet import SheetForm

MOST_LINES = 100
MOST_RECEIPTS = 10
LONGEST_DESCRIPTION = 2000
LONGEST_LINE = 500
EARLIEST = datetime.date(2000, 1, 1)
# A trip is paid before it begins; further ahead, a date is a slip of the pen.
DAYS_AHEAD = 31
MANAGERS = "managers"
CATEGORIES = [
    ("travel", pgettext_lazy("expense category", "Travel")),
    ("meals", pgettext_lazy("expense category", "Meals")),
    ("lodging", pgettext_lazy("expense category", "Lodging")),
    ("equipment", pgettext_lazy("expense category", "Equipment")),
    ("software", pgettext_lazy("expense category", "Software")),
    ("training", pgettext_lazy("expense category", "Training")),
    ("other", pgettext_lazy("expense category", "Other")),
]
THOUSANDS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
LINE_KEY = re.compile(r"[0-9]{1,6}")
LINE_FIELDS = ("date", "category", "description", "amount")


class ManagerField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A manager by full name."""

    def label_from_instance(self, obj: User) -> str:
        """Return the name as the list shows it."""
        return str(obj)


class ExpenseForm(Styled, SheetForm):
    """What the lines have in common."""

    description = CleanTextField(
        label=gettext_lazy("What was it for?"),
        max_length=LONGEST_DESCRIPTION,
        help_text=gettext_lazy("The person who decides reads this first."),
        error_messages={"required": gettext_lazy("Say what it was for.")},
        widget=forms.Textarea(
            attrs={"rows": 2, "placeholder": gettext_lazy("Visit to the supplier in Lyon, two days")}
        ),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        choices=choices,
        initial="EUR",
        error_messages={
            "invalid_choice": gettext_lazy("%(value)s is not a currency that circulates. Choose one of the list.")
        },
    )
    manager = ManagerField(
        label=gettext_lazy("Manager"),
        queryset=User.objects.none(),
        to_field_name="username",
        required=False,
        empty_label=gettext_lazy("Any manager"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of the managers of the list, or any manager.")},
    )

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(viewer, *args, **kwargs)
        managers = User.objects.filter(groups__name=MANAGERS, is_active=True).exclude(pk=viewer.user.pk)
        manager = self.fields["manager"]
        assert isinstance(manager, forms.ModelChoiceField)  # noqa: S101 (declared above)
        manager.queryset = managers.order_by("first_name", "last_name", "username")


class LineForm(Styled, forms.Form):
    """One thing that money was spent on."""

    date = forms.DateField(
        label=gettext_lazy("Date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": gettext_lazy("Say when you paid."),
            "invalid": gettext_lazy("Write the date as year-month-day, such as 2026-11-21."),
        },
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        choices=[("", gettext_lazy("Choose")), *CATEGORIES],
        error_messages={
            "required": gettext_lazy("Choose a category."),
            "invalid_choice": gettext_lazy("Choose one of the categories of the list."),
        },
    )
    description = CleanCharField(
        label=gettext_lazy("Description"),
        max_length=LONGEST_LINE,
        error_messages={"required": gettext_lazy("Say what it was.")},
    )
    amount = AmountField(
        label=gettext_lazy("Amount"),
        error_messages={"required": gettext_lazy("Write the amount.")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-amount": ""}),
    )

    def __init__(
        self, data: Mapping[str, Any] | None, prefix: str, initial: Mapping[str, Any], digits: int | None
    ) -> None:
        bound = None if data is None else {f"{prefix}-{name}": value for name, value in data.items()}
        super().__init__(bound, prefix=prefix, initial=dict(initial))
        self.digits = digits

    def clean_date(self) -> datetime.date:
        """Refuse dates that cannot be meant."""
        day: datetime.date = self.cleaned_data["date"]
        if day < EARLIEST:
            raise forms.ValidationError(_("This date is too long ago."))
        if day > timezone.localdate() + timedelta(days=DAYS_AHEAD):
            raise forms.ValidationError(_("This date is more than {days} days ahead.").format(days=DAYS_AHEAD))
        return day

    def clean_amount(self) -> Decimal:
        """Refuse more decimals than the currency has."""
        amount: Decimal = self.cleaned_data["amount"]
        exponent = amount.as_tuple().exponent
        if self.digits is not None and isinstance(exponent, int) and -exponent > self.digits:
            raise forms.ValidationError(too_fine(amount, self.digits))
        return amount


def too_fine(amount: Decimal, digits: int) -> str:
    """Say how many decimals the currency has, and what to write if a point was meant to part thousands."""
    # Two, three or four decimals: the languages that count further have one form for all of them.
    fault = _("This currency has at most {digits} decimals.") if digits else _("This currency has no decimals.")
    told = fault.format(digits=digits)
    typed = f"{amount:f}"
    if not THOUSANDS.fullmatch(typed):
        return told
    advice = _("Write {number} if you mean thousands.").format(number=typed.replace(".", ""))
    return f"{told} {advice}"


@dataclass
class Line:
    """One line of the sheet: what was typed, its receipts, and what is wrong with files sent for it."""

    key: str
    values: dict[str, str] = field(default_factory=dict)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    form: LineForm = field(init=False)

    @property
    def prefix(self) -> str:
        """What the names of the line's fields begin with."""
        return f"lines-{self.key}"

    @property
    def files_name(self) -> str:
        """The name of the line's file field."""
        return f"{self.prefix}-files"

    @property
    def files_id(self) -> str:
        """The id of the line's file field."""
        return f"id_{self.files_name}"

    @property
    def amount(self) -> Decimal:
        """The amount, or zero while it cannot be read."""
        try:
            return AmountField().to_python(self.values.get("amount")) or Decimal(0)
        except forms.ValidationError:
            return Decimal(0)

    def typed(self) -> dict[str, Any]:
        """Return the line as a draft keeps it."""
        return {**self.values, "receipts": self.receipts}

    def shown(self) -> dict[str, Any]:
        """Return the line as the page of what was submitted shows it: category by name, amount as a number."""
        category = str(dict(CATEGORIES).get(self.values["category"], ""))
        files = [ref["id"] for ref in self.receipts] + self.strange
        return self.values | {"category": category, "amount": f"{self.amount:f}", "receipts": files}

    def as_input(self, digits: int) -> dict[str, Any]:
        """Return the checked line as the workflow takes it."""
        clean = self.form.cleaned_data
        return {
            "date": clean["date"].isoformat(),
            "category": clean["category"],
            "description": clean["description"],
            "amount": f"{clean['amount']:.{digits}f}",
            "receipts": self.receipts,
        }


def lines_posted(post: QueryDict) -> list[dict[str, Any]]:
    """Return the lines that a browser sent, as typed; ``receipt`` holds ids of files sent before."""
    keys = [key for key in dict.fromkeys(post.getlist("line")) if LINE_KEY.fullmatch(key)]
    return [
        {name: post.get(f"lines-{key}-{name}", "") for name in LINE_FIELDS}
        | {"key": key, "receipts": [{"id": one} for one in post.getlist(f"lines-{key}-receipt")]}
        for key in keys[: MOST_LINES + 1]
    ]


def as_lines(typed: Any, files: Mapping[str, Attachment]) -> list[Line]:
    """Return the lines of a draft or a post; each file counts once, on the line that names it first."""
    left = dict(files)
    lines: list[Line] = []
    for number, raw in enumerate(typed if isinstance(typed, list) else []):
        if not isinstance(raw, dict):
            continue
        line = Line(str(raw.get("key", number)), {name: str(raw.get(name) or "") for name in LINE_FIELDS})
        for ref in raw.get("receipts") or []:
            name = str(ref.get("id") if isinstance(ref, dict) else ref)
            if file := left.pop(name, None):
                line.receipts.append(reference(file))
            elif name not in files:
                line.strange.append(name)
        lines.append(line)
    return lines


def reference(file: Attachment) -> dict[str, Any]:
    """Return a file as inputs and drafts name it; size in bytes."""
    return {"id": str(file.id), "name": file.name, "content_type": file.content_type, "size": file.size}

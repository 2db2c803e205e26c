"""What the queue can be narrowed to; all of it lives in the address, so a view can be kept and shared."""

from datetime import datetime
from typing import Any, override
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from approvals.actions.refs import PREFIXES
from approvals.models.mirror import RequestStatus
from approvals.models.pages import Order
from approvals.models.queue import RequestQuerySet
from approvals.models.search import asked_words
from approvals.web.formats import SOON, words

ANY = ("", pgettext_lazy("filter", "Any"))
# The first is the tab's own order. By deadline and by amount there are only requests that wait.
ORDERS = [
    ("", pgettext_lazy("order", "Deadline")),
    (Order.AMOUNT.value, pgettext_lazy("order", "Highest amount")),
    (Order.OLDEST.value, pgettext_lazy("order", "Oldest")),
    (Order.NEWEST.value, pgettext_lazy("order", "Newest")),
]
ORDERS_OF_ALL = [
    ("", pgettext_lazy("order", "Newest")),
    (Order.OLDEST.value, pgettext_lazy("order", "Oldest")),
    (Order.DEADLINE.value, pgettext_lazy("order", "Waiting: deadline")),
    (Order.AMOUNT.value, pgettext_lazy("order", "Waiting: highest amount")),
]


def _workflows() -> list[tuple[str, Any]]:
    return [ANY, *((name, words(name)) for name in PREFIXES)]


class QueueFilters(forms.Form):
    """Search and filters. A field that cannot be read says so and narrows nothing."""

    q = forms.CharField(label=_("Search"), required=False, max_length=1000)
    workflow = forms.ChoiceField(label=_("Workflow"), choices=_workflows, required=False)
    stage = forms.CharField(label=pgettext_lazy("detail", "Stage"), required=False, max_length=40)
    status = forms.ChoiceField(label=_("Status"), choices=[ANY, *RequestStatus.choices], required=False)
    due = forms.ChoiceField(
        label=_("Deadline"),
        choices=[ANY, ("soon", _("Within a day")), ("overdue", pgettext_lazy("deadline", "Passed"))],
        required=False,
    )
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3, min_length=3)
    least = forms.DecimalField(label=_("Amount from"), required=False, min_value=0, max_digits=20)
    most = forms.DecimalField(label=_("Amount to"), required=False, min_value=0, max_digits=20)

    sort = forms.ChoiceField(label=_("Order"), choices=ORDERS, required=False)

    @override
    def __init__(self, data: Any, *, offers_status: bool, offers_order: bool) -> None:
        super().__init__(data, auto_id="filter_%s")
        if not offers_status:
            del self.fields["status"]
        if not offers_order:
            del self.fields["sort"]
        elif offers_status:
            self.fields["sort"].choices = ORDERS_OF_ALL  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "input"
            if name in {"least", "most"}:
                field.widget = forms.TextInput(attrs={"class": "input", "inputmode": "decimal"})
                # The list that is fetched anew says there what is wrong.
                field.widget.attrs["aria-describedby"] = f"filter_{name}_error"
        self.fields["q"].widget.attrs |= {
            "type": "search",
            "aria-keyshortcuts": "/",
            "placeholder": _("Search words, people, comments"),
        }
        self.fields["stage"].widget.attrs["placeholder"] = _("e.g. finance")
        self.fields["currency"].widget.attrs["placeholder"] = _("e.g. EUR")
        self.full_clean()

    @override
    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        least, most = found.get("least"), found.get("most")
        if least is not None and most is not None and least > most:
            self.add_error("most", _("Write an amount that is not below the other one."))
        return found

    @property
    def chosen(self) -> dict[str, Any]:
        """The fields that narrow something."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    @property
    def chosen_besides_search(self) -> int:
        """How many filters of the panel are on, so that a closed panel says so."""
        return len(self.chosen.keys() - {"q", "sort"})

    @property
    def panel(self) -> list[forms.BoundField]:
        """The fields of the panel."""
        return [field for field in self if field.name not in {"q", "sort"}]

    def query(self, **more: str) -> str:
        """Return the filters as a query string, with what is given besides."""
        return urlencode({**more, **{name: str(value) for name, value in self.chosen.items()}})

    def query_in(self, order: str, **more: str) -> str:
        """Return the filters as a query string in another order, the tab's own where it is empty."""
        chosen = {name: str(value) for name, value in self.chosen.items() if name != "sort"}
        return urlencode({**more, **chosen, **({"sort": order} if order else {})})

    @property
    def words(self) -> tuple[str, ...]:
        """The words that are searched for."""
        return tuple(asked_words(self.chosen.get("q", "")))

    def narrow(self, requests: RequestQuerySet, now: datetime) -> RequestQuerySet:
        """Return those requests that fit, whatever is searched for."""
        fields = {
            "workflow": "workflow",
            "stage": "stage__iexact",
            "status": "status",
            "currency": "currency__iexact",
            "least": "amount__gte",
            "most": "amount__lte",
        }
        chosen = self.chosen
        found = requests.filter(**{lookup: chosen[name] for name, lookup in fields.items() if name in chosen})
        if chosen.get("due") == "soon":
            found = found.due(now + SOON, after=now)
        if chosen.get("due") == "overdue":
            found = found.due(now)
        return found

"""What people gave to a request: decisions, votes, remarks. One shape for their lists and pages."""

import json
from typing import Any, ClassVar, override

from django.contrib import admin
from django.utils.translation import pgettext_lazy

from approvals.admin.base import RecordAdmin
from approvals.admin.shown import NOTHING, as_rows, exact, link_to, link_to_events
from approvals.models.responses import said_in


class GivenAdmin(RecordAdmin):
    """A list of them, newest first. ``given_by`` and ``given_at`` name the columns of the person and the time."""

    given_by: ClassVar[str] = ""
    given_at: ClassVar[str] = ""
    also_given: ClassVar[tuple[str, ...]] = ()
    begins = ("request__approval_id",)

    @override
    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.list_select_related = ("request", cls.given_by, *cls.also_given)
        cls.date_hierarchy = cls.given_at
        cls.ordering = (f"-{cls.given_at}", "-id")
        cls.equals = (f"{cls.given_by}__username",)

    @admin.display(description=pgettext_lazy("column", "request"))
    def request_(self, given: Any) -> str:
        """What it was given to."""
        return link_to(given.request)

    @admin.display(description=pgettext_lazy("column", "at"))
    def when(self, given: Any) -> str:
        """To the second."""
        return exact(getattr(given, self.given_at))

    @admin.display(description=pgettext_lazy("column", "structured answer"))
    def answer(self, given: Any) -> str:
        """The fields of the answer by the titles of their schema; what that keeps secret is not shown."""
        said = said_in(given.request.response_schema, given.response)
        return as_rows([{"field": one.title or one.name, "answer": _plain(one.value)} for one in said], COLUMNS)

    @admin.display(description=pgettext_lazy("column", "record"))
    def record(self, given: Any) -> str:
        """Lines about the request."""
        return link_to_events(given.request)


COLUMNS = ("field", "answer")


def _plain(value: Any) -> str:
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

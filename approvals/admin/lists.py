"""Lists that cost the same at a thousand rows and at a million.

An order without an index, a COUNT of the table, a DISTINCT for a filter or for the date bar each read every row;
here lists have one indexed order, count no further than they show, and find dates by index seeks.
"""

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, override

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import connection, models
from django.http import HttpRequest
from django.utils import dates, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from approvals.admin.names import VALUES

MOST_ROWS = 1000
DISTINCT_SHOWN = 80

if TYPE_CHECKING:
    AnyQuerySet = models.QuerySet[Any]
    AnyFilter = admin.SimpleListFilter
    AnyPaginator = Paginator[Any]
else:
    AnyQuerySet, AnyFilter, AnyPaginator = models.QuerySet, admin.SimpleListFilter, Paginator


class CappedPaginator(AnyPaginator):
    """Pages over the first ``MOST_ROWS`` rows; who needs older ones narrows the list by date or search."""

    @cached_property
    def found(self) -> int:
        """Rows up to one more than are shown."""
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST_ROWS + 1].count())

    @cached_property
    @override
    def count(self) -> int:
        """Rows that can be paged through."""
        return min(self.found, MOST_ROWS)

    @property
    def is_capped(self) -> bool:
        """Whether more rows match than are shown."""
        return self.found > MOST_ROWS


class FastChangeList(ChangeList):
    """A list in its one indexed order, whatever the address asks for."""

    @override
    def get_ordering(self, request: HttpRequest, queryset: AnyQuerySet) -> list[Any]:
        """Keep the order that the index serves."""
        return list(self.model_admin.ordering or ["-pk"])

    @override
    def get_filters(self, request: HttpRequest) -> Any:
        """Refuse dates outside the calendar, and NUL that PostgreSQL cannot hold, as any other wrong filter."""
        if any("\0" in value for values in self.filter_params.values() for value in values):
            raise IncorrectLookupParameters
        try:
            return super().get_filters(request)
        except (ValueError, OverflowError) as fault:
            raise IncorrectLookupParameters(fault) from fault

    def date_bar(self) -> dict[str, Any] | None:
        """Links one level down from the period that is shown; reads the first and the last date only."""
        if not self.date_hierarchy:
            return None
        field = str(self.date_hierarchy)
        chosen = [self.params.get(f"{field}__{part}") for part in ("year", "month", "day")]
        edges = self._edges(field)
        if edges is None:
            return None
        year, month, day = (int(part) if part and part.isdigit() else None for part in chosen)
        if year is None and edges[0].year == edges[1].year:
            year = edges[0].year
        links = [self._link(field, *step) for step in steps(edges, year, month, day)]
        return {"choices": links, "back": self._back(field, year, month, day) if chosen[0] else None}

    def _edges(self, field: str) -> tuple[dt.date, dt.date] | None:
        everything = self.model._default_manager.order_by(field).values_list(field, flat=True)
        first, last = everything.first(), everything.last()
        if first is None or last is None:
            return None
        return timezone.localtime(first).date(), timezone.localtime(last).date()

    def _link(self, field: str, title: str, year: int, month: int | None, day: int | None) -> dict[str, str]:
        parts = {"year": year, "month": month, "day": day}
        wanted = {f"{field}__{part}": value for part, value in parts.items() if value}
        return {"title": title, "link": self.get_query_string(wanted, [f"{field}__"])}

    def _back(self, field: str, year: int | None, month: int | None, day: int | None) -> dict[str, str]:
        if year and month and day:
            return self._link(field, f"{dates.MONTHS[month]} {year}", year, month, None)
        if year and month:
            return self._link(field, str(year), year, None, None)
        return {"title": _("All dates"), "link": self.get_query_string({}, [f"{field}__"])}


def steps(
    edges: tuple[dt.date, dt.date], year: int | None, month: int | None, day: int | None
) -> list[tuple[str, int, int | None, int | None]]:
    """Return title, year, month and day of each period to choose from, within the first and the last date."""
    first, last = edges
    if year is None:
        return [(str(each), each, None, None) for each in range(first.year, last.year + 1)]
    if month is None:
        months = (dt.date(year, each, 1) for each in range(1, 13) if dt.MINYEAR <= year <= dt.MAXYEAR)
        shown = [each for each in months if first.replace(day=1) <= each <= last]
        return [(f"{dates.MONTHS[each.month]} {year}", year, each.month, None) for each in shown]
    if day is None and month in dates.MONTHS and dt.MINYEAR <= year < dt.MAXYEAR:
        start = dt.date(year, month, 1)
        days = (start + dt.timedelta(days=more) for more in range(31))
        shown = [each for each in days if each.month == month and first <= each <= last]
        written = pgettext("date", "{day} {month}")
        return [(written.format(day=each.day, month=dates.MONTHS_3[month]), year, month, each.day) for each in shown]
    return []


class DistinctFilter(AnyFilter):
    """A filter over the values that occur in an indexed column, found by one index seek for each value."""

    column = ""

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Offer the values."""
        return [(value, self.words(value)) for value in distinct(model_admin.model, self.column)]

    def words(self, value: str) -> str:
        """Return what a value is called."""
        text = value.replace("_", " ").capitalize()
        return str(VALUES.get(text, text))

    @override
    def queryset(self, request: HttpRequest, queryset: AnyQuerySet) -> AnyQuerySet:
        """Keep the chosen value."""
        value = self.value()
        return queryset.filter(**{self.column: value}) if value else queryset


def distinct(model: type[models.Model], column: str) -> list[str]:
    """Return the values of an indexed column in order, at most ``DISTINCT_SHOWN``; reads one index entry for each."""
    quote = connection.ops.quote_name
    table, name = quote(model._meta.db_table), quote(column)
    # Both names come from the model.
    sql = f"""
        WITH RECURSIVE seen(value) AS (
            SELECT (SELECT MIN({name}) FROM {table})
            UNION ALL
            SELECT (SELECT MIN({name}) FROM {table} WHERE {name} > seen.value) FROM seen WHERE seen.value IS NOT NULL
        )
        SELECT value FROM seen WHERE value IS NOT NULL LIMIT {DISTINCT_SHOWN}
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]

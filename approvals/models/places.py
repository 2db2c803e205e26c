"""Statements that give places in an order: written by Django once, asked for each audience, joined to one."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import F
from django.db.models.expressions import RawSQL

# Stands for the audience in a statement that is asked for each of many.
EACH = object()

# A statement that gives places, with its parameters.
type Part = tuple[str, list[Any]]


def each() -> RawSQL:
    """The audience, whichever it is: Django takes longer to write a statement than a database to answer it."""
    return RawSQL("%s", [EACH])


def written(rows: Any, field: str, most: int) -> Iterator[Part]:
    """The statement that gives the places of the first of these rows; none where their conditions hold for nothing."""
    # Such as being one of no ids.
    with suppress(EmptyResultSet):
        sql, params = rows.annotate(place=F(field)).values_list("place", "id")[:most].query.sql_with_params()
        yield sql, list(params)


def for_each(audiences: Iterable[int], part: Part) -> Iterator[Part]:
    """The statement for each of the audiences."""
    sql, params = part
    for one in audiences:
        yield sql, [one if value is EACH else value for value in params]


def union(parts: Sequence[Part], joint: str = " UNION ALL ") -> Part:
    """All of them as one statement."""
    # Each part keeps its own LIMIT inside brackets, which SQLite only takes as a derived table.
    selects = (
        f"SELECT place, id FROM ({sql}) AS part{number}"  # noqa: S608 (Django wrote the inner query)
        for number, (sql, _) in enumerate(parts)
    )
    return joint.join(selects), [value for _, params in parts for value in params]

"""Search by key: each field is looked up in its own index, so a search never reads the table."""

from collections.abc import Sequence
from typing import Any

from django.db import connections, models
from django.db.models import Q

# Of each field; a search that finds more is too wide to read.
MOST_HITS = 500
LAST = "\U0010ffff"


def starts_with(using: str, field: str, text: str) -> Q:
    """Return the condition that the field begins with the text, in the form that the database answers from an index.

    PostgreSQL serves LIKE from the pattern index that Django adds; SQLite compares by code point, so a range does.
    """
    if connections[using].vendor == "postgresql":
        return Q(**{f"{field}__startswith": text})
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + LAST})


def by_key(
    rows: "models.QuerySet[Any]", text: str, beginnings: Sequence[str], exactly: Sequence[str]
) -> tuple["models.QuerySet[Any]", bool]:
    """Return the rows of which a field begins with the text or equals it, and whether there were too many to list all.

    Where one field alone matches, and exactly, its index gives the rows in order: then nothing is left out.
    """
    begun: set[Any] = set()
    cut = False
    for field in beginnings:
        hits = rows.filter(starts_with(rows.db, field, text)).order_by(field)
        found = list(hits.values_list("pk", flat=True)[: MOST_HITS + 1])
        cut = cut or len(found) > MOST_HITS
        begun.update(found[:MOST_HITS])
    matching = [field for field in exactly if rows.filter(**{field: text}).exists()]
    if not begun and len(matching) == 1:
        return rows.filter(**{matching[0]: text}), False
    for field in matching:
        begun.update(rows.filter(**{field: text}).values_list("pk", flat=True)[:MOST_HITS])
    return rows.filter(pk__in=begun), cut

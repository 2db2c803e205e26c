"""What other tables hold of a request, asked in SQL of our own.

Every page asks several such questions of each request that it looks at. Django takes longer to write one of them as a
subquery than a database to answer it for a page of requests.
"""

import json
from collections.abc import Sequence
from typing import Any, override

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Field, Func
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler


class Elsewhere(Func):
    """A question whose text is given; each ``{}`` in it stands for one of the expressions, in their order.

    Columns of the request are given by name and values as ``Value``, so the text itself never holds any.
    """

    def __init__(self, sql: str, *given: Any, output_field: "Field[Any, Any]") -> None:
        super().__init__(*given, output_field=output_field)
        self.sql = sql

    @override
    def as_sql(  # type: ignore[override] # what fills a function's template has no place here
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        written = [compiler.compile(one) for one in self.get_source_expressions()]
        sql = self.sql.format(*(one for one, _ in written))
        return sql, tuple(value for _, params in written for value in params)


def exists(rows: str, *given: Any) -> Elsewhere:
    """Whether there are such rows; ``rows`` is what follows FROM."""
    return Elsewhere(f"EXISTS (SELECT 1 FROM {rows})", *given, output_field=BooleanField())  # noqa: S608 (ours)


def none(rows: str, *given: Any) -> Elsewhere:
    """Whether there are none of these rows, asked of each request while an order is walked.

    As a plain ``NOT EXISTS`` PostgreSQL joins the tables: it takes a waiting request to be answered as often as any
    other, so it expects hardly one to remain, and reads and sorts all that wait instead of the first few.
    """
    sql = f"CASE WHEN EXISTS (SELECT 1 FROM {rows}) THEN false ELSE true END"  # noqa: S608 (ours)
    return Elsewhere(sql, *given, output_field=BooleanField())


def one_of(ids: Sequence[int], using: str) -> tuple[str, str]:
    """The condition of being one of these ids, and its parameter: one for thousands of them."""
    if connections[using].vendor == "postgresql":
        return "= ANY(%s::bigint[])", f"{{{','.join(map(str, ids))}}}"
    return "IN (SELECT value FROM json_each(%s))", json.dumps(ids)


def listed(ids: Sequence[int], using: str) -> RawSQL:
    """These ids as a subquery: rows are looked up by them, whatever else is asked of the rows.

    Given as a list, PostgreSQL would rather read the whole index of an audience to find a few of them in it.
    """
    _, values = one_of(ids, using)
    select = "unnest(%s::bigint[])" if connections[using].vendor == "postgresql" else "value FROM json_each(%s)"
    return RawSQL(f"SELECT {select}", [values])  # noqa: S611 (ours)

"""Rows into the mirror: one transaction a batch, newer versions only, and the record of what that changed.

Own SQL, because ``bulk_create`` cannot guard an update by version and is several times slower (docs/data.md).
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import batched
from typing import Any

from django.db import connection, transaction

from approvals.mirror.observe import observe
from approvals.mirror.rows import Known, Row
from approvals.mirror.tables import MirrorTable
from approvals.models import ApprovalRequest, SearchDue

# "mirror" in letters: PostgreSQL's one lock for whoever writes the mirror.
WRITER_LOCK = 0x6D6972726F72
KEYS_PER_QUESTION = 1000


def newer_than_mirrored(table: MirrorTable, versions: dict[str, int]) -> set[str]:
    """Return the keys whose version the mirror does not have yet. No lock: ``apply`` asks again under it."""
    known = _known(table, versions)
    return {key for key, version in versions.items() if key not in known or known[key].version < version}


def apply(table: MirrorTable, rows: Sequence[Row]) -> int:
    """Write the rows that are newer, and the record of what they changed; return how many were newer.

    One writer at a time (SQLite by nature, PostgreSQL by an advisory lock), so that "it was pending, now it is
    settled" is seen, and recorded, exactly once, however many workers hear of it.
    """
    if not rows:
        return 0
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITER_LOCK])
        known = _known(table, [row.key for row in rows])
        newer = [row for row in rows if row.key not in known or known[row.key].version < row.version]
        if newer:
            _write(table, [row.columns for row in newer])
            observe(table, newer, known)
            if table.model is ApprovalRequest:
                _search_due([row.key for row in newer])
        return len(newer)


def _search_due(keys: list[str]) -> None:
    """Have the worker read their words again. Past Django for speed: this is one of the mirror's own statements."""
    stored_as = SearchDue._meta.db_table
    with connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {stored_as} (approval_id) SELECT unnest(%s::text[])", [keys])
        else:
            rows = [(key,) for key in keys]
            connection.connection.executemany(f"INSERT INTO {stored_as} (approval_id) VALUES (?)", rows)  # noqa: S608


def _known(table: MirrorTable, keys: Iterable[str]) -> dict[str, Known]:
    known: dict[str, Known] = {}
    with connection.cursor() as cursor:
        for some in batched(keys, KEYS_PER_QUESTION, strict=False):
            # One array on PostgreSQL: a thousand parameters cost twice as much as the answer.
            one_of = "= ANY(%s)" if connection.vendor == "postgresql" else f"IN ({','.join(['%s'] * len(some))})"
            cursor.execute(
                f"SELECT {table.key}, version, status FROM {table.stored_as} WHERE {table.key} {one_of}",  # noqa: S608
                [list(some)] if connection.vendor == "postgresql" else some,
            )
            known.update((key, Known(version, status)) for key, version, status in cursor.fetchall())
    return known


def _write(table: MirrorTable, rows: list[tuple[Any, ...]]) -> None:
    # Past Django's cursor, whose bookkeeping of values costs as much as the statement.
    with connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            _copy(table, rows)
        else:
            connection.connection.executemany(_upsert_sql(table), rows)


def _copy(table: MirrorTable, rows: list[tuple[Any, ...]]) -> None:
    incoming, columns = f"incoming_{table.stored_as}", ", ".join(table.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {incoming} ON COMMIT DELETE ROWS"  # noqa: S608 (our own names)
            f" AS SELECT {columns} FROM {table.stored_as} WITH NO DATA"
        )
        with cursor.copy(f"COPY {incoming} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO {table.stored_as} AS t ({columns}) SELECT {columns} FROM {incoming} {_guarded_update(table)}"  # noqa: S608
        )


@cache
def _upsert_sql(table: MirrorTable) -> str:
    columns, marks = ", ".join(table.columns), ", ".join("?" * len(table.columns))
    return f"INSERT INTO {table.stored_as} AS t ({columns}) VALUES ({marks}) {_guarded_update(table)}"  # noqa: S608


def _guarded_update(table: MirrorTable) -> str:
    sets = ", ".join(f"{name} = excluded.{name}" for name in table.columns[1:])
    return f"ON CONFLICT ({table.key}) DO UPDATE SET {sets} WHERE excluded.version > t.version"

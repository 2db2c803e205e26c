"""Rows into the mirror: one transaction a batch, newer versions only, and the record of what that changed.

Own SQL, because ``bulk_create`` cannot guard an update by version and is several times slower (docs/data.md).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import batched

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
    with connection.cursor() as cursor:
        # As one JSON text: both databases take it apart in a fraction of what a thousand parameters cost.
        cursor.execute(_mirrored_sql(table, connection.vendor), [json.dumps(versions)])
        return versions.keys() - {key for (key,) in cursor.fetchall()}


@cache
def _mirrored_sql(table: MirrorTable, vendor: str) -> str:
    """Return the question which of the keys, told with their versions, are mirrored in these or newer ones."""
    told = "json_each_text(%s)" if vendor == "postgresql" else "json_each(%s)"
    return (
        f"SELECT t.{table.key} FROM {told} AS told CROSS JOIN {table.stored_as} AS t"  # noqa: S608 (our own names)
        f" WHERE t.{table.key} = told.key AND t.version >= CAST(told.value AS numeric)"
    )


@dataclass(frozen=True)
class Written:
    """What a write did: how many rows were newer, and those whose status changed, with what was known before."""

    count: int
    changed: list[Row]
    known: dict[str, Known]


def apply(table: MirrorTable, rows: Sequence[Row]) -> int:
    """Write the rows that are newer, and the record of what they changed; return how many were newer.

    One writer at a time (SQLite by nature, PostgreSQL by an advisory lock), so that "it was pending, now it is
    settled" is seen, and recorded, exactly once, however many workers hear of it.
    """
    if not rows:
        return 0
    with transaction.atomic():
        written = _copied(table, rows) if connection.vendor == "postgresql" else _executed(table, rows)
        if written.changed:
            observe(table, written.changed, written.known)
        return written.count


def _executed(table: MirrorTable, rows: Sequence[Row]) -> Written:
    known = _known(table, [row.key for row in rows])
    newer = [row for row in rows if row.key not in known or known[row.key].version < row.version]
    # Past Django's cursor, whose bookkeeping of values costs as much as the statement.
    with connection.wrap_database_errors:
        connection.connection.executemany(_upsert_sql(table), [row.columns for row in newer])
        if table.model is ApprovalRequest:
            due = f"INSERT INTO {SearchDue._meta.db_table} (approval_id) VALUES (?)"  # noqa: S608 (our own names)
            connection.connection.executemany(due, [(row.key,) for row in newer])
    changed = [row for row in newer if row.key not in known or known[row.key].status != row.status]
    return Written(len(newer), changed, known)


def _copied(table: MirrorTable, rows: Sequence[Row]) -> Written:
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITER_LOCK])
        incoming, columns = f"incoming_{table.stored_as}", ", ".join(table.columns)
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {incoming} ON COMMIT DELETE ROWS"  # noqa: S608 (our own names)
            f" AS SELECT {columns} FROM {table.stored_as} WITH NO DATA"
        )
        with cursor.copy(f"COPY {incoming} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row.columns)
        cursor.execute(_merge_sql(table))
        changed = {key: (version, status) for key, version, status in cursor.fetchall()}
    count, _ = changed.pop(None)
    known = {key: Known(*before) for key, before in changed.items() if None not in before}
    return Written(count, [row for row in rows if row.key in changed], known)


@cache
def _merge_sql(table: MirrorTable) -> str:
    """Return one statement for PostgreSQL that writes what is newer, has its words read again, and tells what changed.

    It gives the keys of another status than before, with what was known, and beside no key how many rows were written.
    """
    columns, key, stored_as = ", ".join(table.columns), table.key, table.stored_as
    due = f"INSERT INTO {SearchDue._meta.db_table} (approval_id) SELECT {key} FROM written"  # noqa: S608
    return f"""
        WITH changed AS MATERIALIZED (
            SELECT i.{key}, known.version, known.status FROM incoming_{stored_as} AS i LEFT JOIN LATERAL
            (SELECT t.version, t.status FROM {stored_as} AS t WHERE t.{key} = i.{key} LIMIT 1) AS known ON true
            WHERE known.version IS NULL OR (known.version < i.version AND known.status <> i.status)
        ), written AS (
            INSERT INTO {stored_as} AS t ({columns}) SELECT {columns} FROM incoming_{stored_as} {_guarded_update(table)}
            RETURNING t.{key}
        ){f", due AS ({due})" if table.model is ApprovalRequest else ""}
        SELECT NULL, count(*), NULL FROM written UNION ALL SELECT * FROM changed"""  # noqa: S608


def _known(table: MirrorTable, keys: Iterable[str]) -> dict[str, Known]:
    known: dict[str, Known] = {}
    with connection.cursor() as cursor:
        for some in batched(keys, KEYS_PER_QUESTION, strict=False):
            marks = ",".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT {table.key}, version, status FROM {table.stored_as} WHERE {table.key} IN ({marks})",  # noqa: S608
                some,
            )
            known.update((key, Known(version, status)) for key, version, status in cursor.fetchall())
    return known


@cache
def _upsert_sql(table: MirrorTable) -> str:
    columns, marks = ", ".join(table.columns), ", ".join("?" * len(table.columns))
    return f"INSERT INTO {table.stored_as} AS t ({columns}) VALUES ({marks}) {_guarded_update(table)}"  # noqa: S608


def _guarded_update(table: MirrorTable) -> str:
    sets = ", ".join(f"{name} = excluded.{name}" for name in table.columns[1:])
    return f"ON CONFLICT ({table.key}) DO UPDATE SET {sets} WHERE excluded.version > t.version"

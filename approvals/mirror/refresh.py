"""Items into the mirror: skip what is known, decode the rest, write it. One odd item never holds up the others."""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import batched

from django.db import DataError, IntegrityError, connection

from approvals.aws.items import RawItem
from approvals.mirror.audiences import Audiences
from approvals.mirror.notices import Unreadable
from approvals.mirror.observe import OBSERVER
from approvals.mirror.rows import Row
from approvals.mirror.tables import MirrorTable
from approvals.mirror.upsert import apply, newer_than_mirrored
from approvals.models import AuditEvent

log = logging.getLogger(__name__)

ROWS_PER_TRANSACTION = 1000
TURN = 0.0001  # seconds

type Made = tuple[list[Row], dict[str, str]]


@dataclass
class Refreshed:
    """What a refresh did: rows written, and the keys that could not be mirrored, each with the reason."""

    written: int = 0
    unreadable: dict[str, str] = field(default_factory=dict)


class Refresher:
    """Brings rows up to their items. Remembers audiences, so keep one for each loop."""

    def __init__(self) -> None:
        self._audiences = Audiences()

    def by_notice(self, table: MirrorTable, versions: Mapping[str, int]) -> Refreshed:
        """Read the items that were said to be newer than the mirror, and write them. Raises an AwsError."""
        fresh = newer_than_mirrored(table, dict(versions))
        if not fresh:
            return Refreshed()
        items = table.source().get_many(fresh)
        note_gone(table, fresh - items.keys())
        rows, unreadable = _made(table, items.items())
        done = Refreshed(unreadable=unreadable)
        self._write(table, rows, done)
        return done

    def by_pages(self, table: MirrorTable, pages: Iterable[Sequence[RawItem]]) -> Refreshed:
        """Write those of the items that are newer than the mirror. Raises what ``pages`` raises."""
        done = Refreshed()
        items = ([item for page in some for item in page] for some in batched(pages, 2, strict=False))
        made: Iterator[Made] = (_made(table, _fresh(table, some)) for some in items)
        if connection.vendor == "postgresql":
            made = _ahead(made)
        for rows, unreadable in made:
            done.unreadable |= unreadable
            self._write(table, rows, done)
        return done

    def _write(self, table: MirrorTable, rows: Iterable[Row], done: Refreshed) -> None:
        for some in batched(self._audiences.settled(rows), ROWS_PER_TRANSACTION, strict=False):
            self._apply(table, some, done)

    def _apply(self, table: MirrorTable, rows: Sequence[Row], done: Refreshed) -> None:
        try:
            done.written += apply(table, rows)
        except (DataError, IntegrityError) as fault:
            if len(rows) == 1:
                done.unreadable[rows[0].key] = f"The database refuses it: {fault}"[:500]
                return
            # Find the one that the database refuses, and keep the rest.
            for row in rows:
                self._apply(table, [row], done)


def _fresh(table: MirrorTable, items: Sequence[RawItem]) -> list[tuple[str, RawItem]]:
    heads = [table.head(item) for item in items]
    # An item without a version is looked at too, so that it is refused with its reason.
    fresh = newer_than_mirrored(table, dict(heads)) | {key for key, version in heads if version < 1}
    return [(key, item) for (key, _), item in zip(heads, items, strict=True) if key in fresh]


def _made(table: MirrorTable, items: Iterable[tuple[str, RawItem]]) -> Made:
    rows, unreadable = [], {}
    for key, item in items:
        try:
            rows.append(table.row_of(item))
        except Unreadable as fault:
            unreadable[key] = str(fault)
    return rows, unreadable


def _ahead(made: Iterator[Made]) -> Iterator[Made]:
    """Read, look up and make the next rows while PostgreSQL, on another core, writes the ones before.

    In a thread with a connection of its own. (SQLite writes on this core.)
    """
    with ThreadPoolExecutor(1, "rows") as maker, _quick_turns():
        try:
            coming = maker.submit(next, made, None)
            while (one := coming.result()) is not None:
                coming = maker.submit(next, made, None)
                yield one
        finally:
            maker.submit(connection.close)


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Let a thread that waited for the database go on at once; usually it would wait 5 ms for the busy one."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def note_gone(table: MirrorTable, keys: Iterable[str]) -> list[str]:
    """Note items that are gone although the mirror has them; the rows stay. Return those noted for the first time."""
    kind = "request" if table.name == "ApprovalRequests" else "run"
    mirrored = table.model._default_manager.filter(**{f"{table.key}__in": list(keys)})
    noted = []
    for key in mirrored.values_list(table.key, flat=True):
        if AuditEvent.objects.about(f"{kind}:{key}").filter(action=f"{kind}.item_gone").exists():
            continue
        log.warning("item of %s %s is gone from its table", kind, key)
        AuditEvent.objects.record(OBSERVER, f"{kind}.item_gone", f"{kind}:{key}", f"No longer in {table.name}.")
        noted.append(key)
    return noted

"""The mirror made whole by full scans, and requests closed that nobody will answer any more.

For what notices cannot heal: a stream that lagged over a day, a lost status event, a restored database. Safe at any
time, beside workers and other reconciles: rows by version, items by condition. Safe to interrupt: nothing is deleted.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from approvals.mirror.overdue import Overdue
from approvals.mirror.refresh import Refresher, note_gone
from approvals.mirror.scan import Page, pages
from approvals.mirror.tables import REQUESTS, RUNS, MirrorTable
from approvals.mirror.upsert import newer_than_mirrored

KEYS_PER_READ = 100


@dataclass
class Summary:
    """What a reconcile found and did (or, dry, would do)."""

    seen: dict[str, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)


def reconcile(*, dry_run: bool = False) -> Summary:
    """Scan both tables into the mirror, then look after what is overdue. Raises an AwsError; start it again then."""
    summary = Summary()
    refresher = Refresher()
    for table in (RUNS, REQUESTS):
        _scan(table, refresher, summary, dry_run=dry_run)
        if not dry_run:
            summary.gone += _gone(table)
    overdue = Overdue(dry_run=dry_run)
    overdue.look_after(everything=True)
    summary.closed, summary.woken = overdue.closed, overdue.woken
    return summary


def _scan(table: MirrorTable, refresher: Refresher, summary: Summary, *, dry_run: bool) -> None:
    seen = written = 0

    def counted(found: Iterable[Page]) -> Iterator[Page]:
        nonlocal seen
        for items in found:
            seen += len(items)
            yield items

    with closing(pages(table)) as found:
        if dry_run:
            written = sum(len(newer_than_mirrored(table, dict(map(table.head, items)))) for items in counted(found))
        else:
            done = refresher.by_pages(table, counted(found))
            written = done.written
            summary.unreadable.update({f"{table.name} {key}": why for key, why in done.unreadable.items()})
    summary.seen[table.name], summary.written[table.name] = seen, written


def _gone(table: MirrorTable) -> list[str]:
    """Note open rows whose item is not there. Only these are asked for: the closed ones are history."""
    rows = table.model._default_manager.all()
    if table is REQUESTS:
        rows = rows.filter(status="pending")
    else:
        rows = rows.filter(status__in=("submitted", "running", "waiting"))
    noted = []
    keys = list(rows.values_list(table.key, flat=True))
    for start in range(0, len(keys), KEYS_PER_READ):
        some = set(keys[start : start + KEYS_PER_READ])
        noted += note_gone(table, some - table.source().get_many(some).keys())
    return [f"{table.name} {key}" for key in noted]

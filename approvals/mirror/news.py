"""What a change of the mirror is to people: an occasion to tell them. Who is told, the worker finds out later."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from approvals.mirror.rows import Known, Row
from approvals.models import Occasion, Topic
from approvals.models.mirror import ENDED_RUNS

if TYPE_CHECKING:
    from approvals.mirror.tables import MirrorTable

# A mirror that is rebuilt from nothing must not tell people of last year.
FRESH = timedelta(days=1)


def news_of(table: "MirrorTable", newer: Sequence[Row], known: Mapping[str, Known]) -> Iterator[Occasion]:
    """Return the occasions that these rows are: one for a request that is seen first, two for one that is settled."""
    happened = _requests if table.name == "ApprovalRequests" else _runs
    for row in newer:
        yield from happened(table, row, known.get(row.key))


def _requests(table: "MirrorTable", row: Row, before: Known | None) -> Iterator[Occasion]:
    if row.status == "pending":
        if before is None:
            yield Occasion.objects.line(Topic.TURN, row.key)
        return
    if before is not None and before.status != "pending":
        return
    told = dict(zip(table.columns, row.columns, strict=True))
    if before is not None:
        yield Occasion.objects.line(Topic.OVER, row.key)
    if before is not None or _is_fresh(told["settled_at"]):
        yield Occasion.objects.line(Topic.OUTCOME, row.key)


def _runs(table: "MirrorTable", row: Row, before: Known | None) -> Iterator[Occasion]:
    if row.status not in ENDED_RUNS or (before is not None and before.status in ENDED_RUNS):
        return
    told = dict(zip(table.columns, row.columns, strict=True))
    if before is None and not _is_fresh(told["updated_at"]):
        return
    data = {name: told[name] for name in ("status", "requester", "title", "workflow")}
    yield Occasion.objects.line(Topic.OUTCOME, row.key, cause=f"run:{row.key}", of="run", **data)


def _is_fresh(moment: str | None) -> bool:
    """Whether the moment, as its column stores it, is news."""
    return moment is not None and datetime.fromisoformat(moment).replace(tzinfo=UTC) > timezone.now() - FRESH

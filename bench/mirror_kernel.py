"""The mirror's own work in one process on one database; prints the rates of each way as JSON.

    python -m bench.mirror_kernel COUNT ROUNDS [WAY …]

Every round gives each way the same items with the next version, so that every row conflicts and changes. What each
way is given, and so does within the clock:

raw             ready tuples of the columns; a plain upsert without guard, on the same table, indexes and connection
mirror          items as the bytes of their JSON, found in the answer already; read, checked, skipped if known, made
                into rows, written under the guard
pipeline        answers of Scan as the bytes of their bodies; all of the above and finding the items
bulk_create     models, made within the clock from ready tuples
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import batched
from typing import Any

import botocore.session
import django
import orjson

django.setup()

from botocore.parsers import JSONParser  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from approvals.aws.parser import QuickParser, RawItemsParser  # noqa: E402
from approvals.mirror.collector import ease  # noqa: E402
from approvals.mirror.refresh import Refresher  # noqa: E402
from approvals.mirror.tables import REQUESTS  # noqa: E402
from approvals.models import ApprovalRequest  # noqa: E402
from bench.items import bodies  # noqa: E402

SHAPE = botocore.session.get_session().get_service_model("dynamodb").operation_model("Scan").output_shape
ROWS = 1000
UNCHANGING = ("unchanged", "stock parser", "quick parser", "raw parser")
WAYS = (
    "raw", "mirror", "pipeline", "pipeline, details as text", "unchanged", "bulk_create", "stock parser",
    "quick parser", "raw parser",
)  # fmt: skip
PARSERS: dict[str, Any] = {"stock parser": JSONParser, "quick parser": QuickParser, "raw parser": RawItemsParser}
refresher = Refresher()
type Pages = list[list[Any]]


def raw(rows: list[tuple[Any, ...]]) -> None:
    """Ready tuples, a plain upsert by executemany, a transaction each thousand: the limit."""
    columns = REQUESTS.columns
    mark = "%s" if connection.vendor == "postgresql" else "?"
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    sql = (
        f"INSERT INTO {REQUESTS.stored_as} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"
        f" ON CONFLICT ({columns[0]}) DO UPDATE SET {sets}"
    )
    for some in batched(rows, ROWS, strict=False):
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.connection.cursor() as cursor:
                    cursor.executemany(sql, some)
            else:
                connection.connection.executemany(sql, some)


def by_orm(rows: list[tuple[Any, ...]]) -> None:
    """Django's bulk_create(update_conflicts=True): no guard, the usual way."""
    names, texts = REQUESTS.columns, {"details", "attachments", "policy", "options", "events"}
    for some in batched(rows, ROWS, strict=False):
        models = [
            ApprovalRequest(
                **{name: orjson.loads(one) if name in texts else one for name, one in zip(names, row, strict=True)}
            )
            for row in some
        ]  # fmt: skip
        ApprovalRequest.objects.bulk_create(
            models, update_conflicts=True, unique_fields=["approval_id"],
            update_fields=[name for name in names[1:] if name != "audience_id"],
        )  # fmt: skip


def parsed(pages: list[bytes], parser: Any) -> Pages:
    """The items of Scan's answers."""
    return [
        parser.parse({"body": body, "headers": {}, "status_code": 200}, SHAPE)["Items"] for body in pages
    ]  # fmt: skip


def mirrored(pages: Iterable[list[Any]]) -> None:
    """As a reconcile does it."""
    refresher.by_pages(REQUESTS, pages)


def piped(pages: list[bytes]) -> None:
    """From the wire to the commit, page by page, as they come."""
    parser: Any = RawItemsParser()
    mirrored(parsed([page], parser)[0] for page in pages)


def tuples(pages: Pages) -> list[tuple[Any, ...]]:
    """Ready rows."""
    return [
        row.columns for row in refresher._audiences.settled(REQUESTS.row_of(item) for page in pages for item in page)
    ]


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(count: int, rounds: int, wanted: Sequence[str]) -> dict[str, float]:
    """Items a second for each way in its best round: what else the machine does only ever adds."""
    ease()  # as the worker does
    times: dict[str, list[float]] = {}
    first = bodies(count, 1)
    times["insert, with lines of the record"] = [timed(lambda: piped(first))]
    version = 1
    for _ in range(rounds):
        for way in wanted:
            version += way not in UNCHANGING
            pages = bodies(count, version, plain_details=way.endswith("text"))
            times.setdefault(way, []).append(_one(way, pages))
    return {way: count / min(taken) for way, taken in times.items()}


def _one(way: str, pages: list[bytes]) -> float:
    if way.startswith("pipeline"):
        return timed(lambda: piped(pages))
    if way.endswith("parser"):
        parser = PARSERS[way]()
        return timed(lambda: parsed(pages, parser))
    items = parsed(pages, RawItemsParser())
    if way in {"mirror", "unchanged"}:
        return timed(lambda: mirrored(items))
    rows = tuples(items)
    return timed(lambda: raw(rows) if way == "raw" else by_orm(rows))


if __name__ == "__main__":
    ways = [way for way in WAYS if way == "raw" or way in (sys.argv[3:] or WAYS)]
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]), ways)))

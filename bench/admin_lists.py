"""The lists of the record with a million rows in every table.

python -m bench.admin_lists [--rows N]
"""

import argparse

from bench.figures import Figure, p50, p95, save
from bench.portals import Portal, databases

ROUNDS, EACH = 4, 6
MOST_MILLISECONDS, MOST_STATEMENTS = 60, 12
ADMIN = "/admin/approvals"
PAGES = {
    "requests": f"{ADMIN}/approvalrequest/",
    "requests, last page offered": f"{ADMIN}/approvalrequest/?p=20",
    "requests of a rare status": f"{ADMIN}/approvalrequest/?status__exact=error",
    "requests of a day": f"{ADMIN}/approvalrequest/?{{day}}",
    "requests by the beginning of an id": f"{ADMIN}/approvalrequest/?q=expense-4321",
    "requests by requester": f"{ADMIN}/approvalrequest/?q=person77",
    "runs": f"{ADMIN}/run/",
    "runs that failed": f"{ADMIN}/run/?status__exact=failed",
    "decisions": f"{ADMIN}/decision/",
    "deliveries that are stuck": f"{ADMIN}/delivery/?state__exact=stuck",
    "record": f"{ADMIN}/auditevent/",
    "record, one rare action": f"{ADMIN}/auditevent/?done=delivery.stuck",
    "record of one person": f"{ADMIN}/auditevent/?q=person77",
    "record about one thing": f"{ADMIN}/auditevent/?object_kind__exact=request&object_id__exact=expense-431.manager",
    "first page": "/admin/",
}


def measure(label: str, small: Portal, large: Portal, pattern: str) -> list[Figure]:
    """Open a page of both portals in turn."""
    address = pattern.format(day="created_at__year=2026&created_at__month=10&created_at__day=7")
    few: list[float] = []
    many: list[float] = []
    for portal in (small, large):
        portal.ask("get", person="olga", address=address, times=3)
    for _ in range(ROUNDS):
        few += small.ask("get", person="olga", address=address, times=EACH)["ms"]
        many += large.ask("get", person="olga", address=address, times=EACH)["ms"]
    asked = len(large.ask("statements", person="olga", address=address))
    return [
        Figure(f"{label}: p50", p50(many), "ms", MOST_MILLISECONDS),
        Figure(f"{label}: p95", p95(many), "ms"),
        Figure(f"{label}: p50 with 1,000", p50(few), "ms"),
        Figure(f"{label}: statements", asked, "", MOST_STATEMENTS),
    ]


def main() -> None:
    """Measure on both databases."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    rows = options.parse_args().rows
    figures: list[Figure] = []
    seconds = {}
    with databases() as made:
        for engine in ("sqlite", "postgresql"):
            small, large = made.portal(engine, "few"), made.portal(engine, "many")
            small.ask("fill", rows=1000, record=True)
            seconds[engine] = large.ask("fill", rows=rows, record=True)
            for name, pattern in PAGES.items():
                figures += measure(f"{engine}, {name}", small, large, pattern)
            small.close()
            large.close()
    save("admin_lists", figures, rows=rows, seconds_to_fill=seconds)


if __name__ == "__main__":
    main()

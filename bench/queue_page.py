"""The queue page as the table grows: server time of the whole request, statements and bytes.

    python -m bench.queue_page [--million]

Portals with 1,000 and 200,000 (or 1,000,000) requests run side by side and are asked in turn, so that a slow
moment of the machine meets both.
"""

import argparse
from typing import Any

from bench.figures import Figure, p50, p95, save
from bench.portals import Portal, databases

ROUNDS, EACH = 10, 12
PAGES = {
    "waiting for me": "/queue/?tab=mine",
    "waiting for my groups": "/queue/?tab=groups",
    "decided by me": "/queue/?tab=decided",
    "all": "/queue/?tab=all",
    "all that waits, by deadline": "/queue/?tab=all&sort=deadline",
    "due soon": "/queue/?tab=mine&due=soon",
}
MOST_STATEMENTS, MOST_BYTES, MOST_GROWTH = 8, 60_000, 1.5


def compare(small: Portal, large: Portal, pages: dict[str, tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """Ask both portals in turn; gives for each page the times of both, and size and statements of the large one."""
    found: dict[str, dict[str, Any]] = {name: {"small": [], "large": []} for name in pages}
    for name, (few, many) in pages.items():
        for portal, address in ((small, few), (large, many)):
            portal.ask("get", person="anna", address=address, times=5)
        found[name]["statements"] = len(large.ask("statements", person="anna", address=many))
        found[name]["statements at 1,000"] = len(small.ask("statements", person="anna", address=few))
    for _ in range(ROUNDS):
        for name, (few, many) in pages.items():
            found[name]["small"] += small.ask("get", person="anna", address=few, times=EACH)["ms"]
            answer = large.ask("get", person="anna", address=many, times=EACH)
            found[name]["large"] += answer["ms"]
            found[name]["bytes"] = answer["bytes"]
    return found


def figures_of(engine: str, rows: int, found: dict[str, dict[str, Any]]) -> list[Figure]:
    """Say what was found, each with its target."""
    figures = []
    for name, page in found.items():
        label = f"{engine}, {name}"
        figures += [
            Figure(f"{label}: p50 with 1,000", p50(page["small"]), "ms"),
            Figure(f"{label}: p50 with {rows:,}", p50(page["large"]), "ms"),
            Figure(f"{label}: p95 with {rows:,}", p95(page["large"]), "ms"),
            Figure(f"{label}: p50 against 1,000", p50(page["large"]) / p50(page["small"]), "x", MOST_GROWTH),
            Figure(f"{label}: p95 against 1,000", p95(page["large"]) / p95(page["small"]), "x", MOST_GROWTH),
            Figure(f"{label}: statements", page["statements"], "", MOST_STATEMENTS),
            Figure(f"{label}: bytes", page["bytes"], "B", MOST_BYTES),
        ]
    return figures


def main() -> None:
    """Measure on both databases."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--million", action="store_true", help="1,000,000 requests rather than 200,000")
    rows = 1_000_000 if options.parse_args().million else 200_000
    figures: list[Figure] = []
    seconds = {}
    with databases() as made:
        for engine in ("sqlite", "postgresql"):
            small, large = made.portal(engine, "small"), made.portal(engine, "large")
            small.ask("fill", rows=1000)
            seconds[engine] = large.ask("fill", rows=rows)
            pages = {name: (address, address) for name, address in PAGES.items()}
            pages["waiting for me, ten pages on"] = (
                PAGES["waiting for me"],
                large.ask("next_page", person="anna", address=PAGES["waiting for me"], turns=10),
            )
            figures += figures_of(engine, rows, compare(small, large, pages))
            small.close()
            large.close()
    save("queue_page", figures, rows=rows, pending="5 %", seconds_to_fill=seconds)


if __name__ == "__main__":
    main()

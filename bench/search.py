"""Full-text search: the pages that list what was found, with a thousand requests and with a million.

    python -m bench.search [--rows N]

Words of every commonness, whole and only begun, asked by somebody of two groups and by an auditor.
"""

import argparse

from bench.figures import Figure, p50, p95, save
from bench.portals import Portal, databases

ROUNDS, EACH = 8, 5
MOST_MILLISECONDS = 20
# (who, tab, what is typed): in every request, in one of 3,000, of 150 that wait, of 40, of a few, in none, in those put
# to others; and beginnings of these.
SEARCHES = {
    "a word of every request": ("anna", "mine", "lyon"),
    "the beginning of it": ("anna", "mine", "suppl"),
    "one requester": ("anna", "mine", "person77"),
    "one number": ("anna", "all", "{some}"),
    "two words, one rare": ("anna", "all", "lyon {some}"),
    "no such word": ("anna", "mine", "unheard"),
    "every request, as an auditor": ("olga", "all", "journey"),
    "one requester, as an auditor": ("olga", "all", "person1234"),
    "one in forty, as an auditor": ("olga", "all", "colour7"),
    "three words, as an auditor": ("olga", "all", "train lyon colour7"),
    "one in forty, of mine": ("anna", "all", "colour7"),
    "one in 150, waiting for me": ("anna", "mine", "person1240"),
    "one in forty, none of them waiting": ("anna", "mine", "colour7"),
    "a word of all that does not wait": ("anna", "mine", "settledonly"),
    "a word of others' requests alone": ("ben", "all", "payout"),
}  # fmt: skip


def index_times(portal: Portal, person: str, tab: str, text: str) -> list[float]:
    """Milliseconds of the question alone: the pile's first page with its rows."""
    return list(portal.ask("search", person=person, tab=tab, text=text, times=EACH)["ms"])


def measure(label: str, small: Portal, large: Portal, rows: int, how: tuple[str, str, str]) -> list[Figure]:
    """Ask both portals in turn."""
    person, tab, pattern = how
    few: list[float] = []
    many: list[float] = []
    page: list[float] = []
    for portal in (small, large):
        index_times(portal, person, tab, pattern.format(some=420))
    for _ in range(ROUNDS):
        few += index_times(small, person, tab, pattern.format(some=420))
        text = pattern.format(some=rows // 2 + 20)
        many += index_times(large, person, tab, text)
        page += large.ask("get", person=person, address=f"/queue/?tab={tab}&q={text.replace(' ', '+')}", times=3)["ms"]
    return [
        Figure(f"{label}: p50 with 1,000", p50(few), "ms"),
        Figure(f"{label}: p50", p50(many), "ms"),
        Figure(f"{label}: p95", p95(many), "ms", MOST_MILLISECONDS),
        Figure(f"{label}: whole page, p95", p95(page), "ms"),
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
            for portal, count in ((small, 1000), (large, rows)):
                portal.ask("fill", rows=count)
                seconds[f"{engine}, {count:,}"] = portal.ask("fill_search")
                # The first page of a process reads its templates.
                portal.ask("get", person="anna", address="/queue/", times=3)
            rate = large.ask("read_for_search", count=5000)
            figures.append(Figure(f"{engine}: requests read for search by the worker", rate, "/s"))
            for name, how in SEARCHES.items():
                figures += measure(f"{engine}, {name}", small, large, rows, how)
            small.close()
            large.close()
    save("search", figures, rows=rows, seconds_to_index=seconds)


if __name__ == "__main__":
    main()

"""The mirror from the wire to the commit, on SQLite and PostgreSQL, against the databases' own limit.

    python -m bench.mirror [--engine sqlite|postgresql] [--items N] [--rounds N] [--way NAME …]

Some of it only, for a closer look, is printed and not kept.
"""

import argparse
import json
import subprocess
import sys

from bench.figures import Figure, save
from bench.portals import ROOT, Databases, databases

COUNT = {"sqlite": 10_000, "postgresql": 10_000}
ROUNDS = 5
# Targets: at least so many times the plain executemany of ready rows, in the same run.
MIRROR = {"sqlite": 0.40, "postgresql": 2.5}
PIPELINE = {"sqlite": 0.50, "postgresql": None}


def figures_of(engine: str, rate: dict[str, float]) -> list[Figure]:
    """The figures of one database."""
    raw, stock = rate["raw"], rate["stock parser"]
    return [
        Figure(f"{engine}: raw executemany of ready rows", raw, "rows/s"),
        Figure(f"{engine}: mirror, decode and guarded upsert", rate["mirror"] / raw, "x raw", MIRROR[engine], False),
        Figure(f"{engine}: whole pipeline, details as a map", rate["pipeline"] / raw, "x raw", PIPELINE[engine], False),
        Figure(f"{engine}: whole pipeline, details as text", rate["pipeline, details as text"] / raw, "x raw"),
        Figure(f"{engine}: whole pipeline", rate["pipeline"], "items/s"),
        Figure(f"{engine}: unchanged against changed", rate["unchanged"] / rate["mirror"], "x", 1.3, False),
        Figure(f"{engine}: bulk_create(update_conflicts), unguarded", rate["bulk_create"] / raw, "x raw"),
        Figure(f"{engine}: first sight, with lines of the record", rate["insert, with lines of the record"], "items/s"),
        Figure(f"{engine}: quick parser against the stock one", rate["quick parser"] / stock, "x", 5, False),
        Figure(f"{engine}: parser that leaves items raw against the stock one", rate["raw parser"] / stock, "x"),
    ]  # fmt: skip


def measured(found: Databases, engine: str, options: argparse.Namespace) -> dict[str, float]:
    """Items a second for each way, on a new database."""
    portal = found.portal(engine, "mirror")
    count = str(options.items or COUNT[engine])
    command = [sys.executable, "-W", "ignore", "-m", "bench.mirror_kernel", count, str(options.rounds), *options.way]
    done = subprocess.run(command, cwd=ROOT, env=portal.environment, stdout=subprocess.PIPE, text=True, check=True)
    rates: dict[str, float] = json.loads(done.stdout)
    return rates


def main() -> None:
    """Measure both databases, or what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=COUNT, action="append", help="this database only")
    parser.add_argument("--items", type=int, help="so many items rather than 10,000")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--way", action="append", default=[], help="this way only; raw comes always")
    options = parser.parse_args()
    with databases() as found:
        rates = {engine: measured(found, engine, options) for engine in options.engine or COUNT}
    if options.engine or options.items or options.way:
        for engine, rate in rates.items():
            for way, value in rate.items():
                print(f"{engine + ', ' + way:<50}{value:>10.0f}/s{value / rate['raw']:>8.2f} x raw")
        return
    figures = [figure for engine, rate in rates.items() for figure in figures_of(engine, rate)]
    detail = {engine: {"items": COUNT[engine], "items_per_second": rate} for engine, rate in rates.items()}
    save("mirror", figures, rounds=options.rounds, **detail)


if __name__ == "__main__":
    main()

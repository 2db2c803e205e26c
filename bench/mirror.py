"""The mirror from the wire to the commit, on SQLite and PostgreSQL, against the databases' own limit.

python -m bench.mirror
"""

import json
import subprocess
import sys

from bench.figures import Figure, save
from bench.portals import ROOT, databases

COUNT = {"sqlite": 20_000, "postgresql": 10_000}
ROUNDS = 3
# Targets: at least so many times the plain executemany of ready rows, in the same run.
MIRROR = {"sqlite": 0.40, "postgresql": 2.5}
PIPELINE = {"sqlite": 0.50, "postgresql": None}


def figures_of(engine: str, rate: dict[str, float]) -> list[Figure]:
    """The figures of one database."""
    raw, parsers = rate["raw"], rate["quick parser"] / rate["stock parser"]
    return [
        Figure(f"{engine}: raw executemany of ready rows", raw, "rows/s"),
        Figure(f"{engine}: mirror, decode and guarded upsert", rate["mirror"] / raw, "x raw", MIRROR[engine], False),
        Figure(f"{engine}: whole pipeline, details as a map", rate["pipeline"] / raw, "x raw", PIPELINE[engine], False),
        Figure(f"{engine}: whole pipeline, details as text", rate["pipeline, details as text"] / raw, "x raw"),
        Figure(f"{engine}: whole pipeline", rate["pipeline"], "items/s"),
        Figure(f"{engine}: unchanged against changed", rate["unchanged"] / rate["mirror"], "x", 1.3, False),
        Figure(f"{engine}: bulk_create(update_conflicts), unguarded", rate["bulk_create"] / raw, "x raw"),
        Figure(f"{engine}: first sight, with lines of the record", rate["insert, with lines of the record"], "items/s"),
        Figure(f"{engine}: quick parser against the stock one", parsers, "x", 5, False),
    ]  # fmt: skip


def main() -> None:
    """Measure both databases."""
    figures, detail = [], {}
    with databases() as found:
        for engine, count in COUNT.items():
            portal = found.portal(engine, "mirror")
            command = [sys.executable, "-m", "bench.mirror_kernel", str(count), str(ROUNDS)]
            done = subprocess.run(command, cwd=ROOT, env=portal.environment, capture_output=True, text=True, check=True)
            detail[engine] = {"items": count, "items_per_second": json.loads(done.stdout)}
            figures += figures_of(engine, detail[engine]["items_per_second"])
    save("mirror", figures, rounds=ROUNDS, **detail)


if __name__ == "__main__":
    main()

"""Run every bench, then print all figures with their targets.

    python -m bench [name …]

Each bench is a module here with a ``main()`` that ends with ``figures.save``. The exit status says whether every
target was met.
"""

import json
import subprocess
import sys
from pathlib import Path

from bench.figures import RESULTS, show

HERE = Path(__file__).parent
HELPERS = {"__init__", "__main__", "figures", "load", "portals", "portal_process", "portal_settings", "seed"}


def benches() -> list[str]:
    """The benches by name."""
    return sorted(
        path.stem for path in HERE.glob("*.py") if path.stem not in HELPERS and "def main()" in path.read_text()
    )


def main() -> int:
    """Run those that are named, or all."""
    wanted = sys.argv[1:] or benches()
    failed = [
        name for name in wanted if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
    ]
    print("\n" + "=" * 60)
    missed = 0
    for name in wanted:
        kept = RESULTS / f"{name}.json"
        if kept.exists() and name not in failed:
            report = json.loads(kept.read_text())
            show(report)
            missed += sum(figure["met"] is False for figure in report["figures"])
    for name in failed:
        print(f"{name} did not finish.")
    print(f"\n{missed} targets missed, {len(failed)} benches did not finish.")
    return 1 if missed or failed else 0


if __name__ == "__main__":
    sys.exit(main())

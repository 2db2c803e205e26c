"""`python -m tests.coverage_floors`: fails where too few branches of the parts that decide were taken."""

import json
import subprocess
import sys
from fnmatch import fnmatch
from typing import Any

FLOOR_PERCENT = 95.0
PARTS = {
    "asking and settling": ["lambdas/hitl/*"],
    "deciding": ["approvals/actions/decide.py", "approvals/actions/close.py"],
    "delivering": ["approvals/delivery/*"],
}


def branches(files: dict[str, Any], patterns: list[str]) -> tuple[int, int]:
    """How many branches of the files that match were taken, and how many there are."""
    summaries = [
        entry["summary"] for name, entry in files.items() if any(fnmatch(name, pattern) for pattern in patterns)
    ]
    return sum(s["covered_branches"] for s in summaries), sum(s["num_branches"] for s in summaries)


def main() -> int:
    """Print each part's share; the exit status is 1 if one is under the floor or has no branches at all."""
    command = [sys.executable, "-m", "coverage", "json", "--quiet", "-o", "-"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    low = 0
    for part, patterns in PARTS.items():
        taken, total = branches(report["files"], patterns)
        share = 100 * taken / total if total else 0.0
        low += share < FLOOR_PERCENT
        print(f"{part:<20} {taken:>5} of {total:>5} branches  {share:5.1f} %  (floor {FLOOR_PERCENT:.0f} %)")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())

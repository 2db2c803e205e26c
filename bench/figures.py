"""What a bench hands in: figures with their targets, kept as JSON beside how they were measured."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One measured value. ``target`` is the bound, ``at_most`` says on which side of it good lies.

    A figure without a target is shown for comparison.
    """

    what: str
    value: float
    unit: str = ""
    target: float | None = None
    at_most: bool = True

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target


def p50(times: Sequence[float]) -> float:
    """The median."""
    return statistics.median(times)


def p95(times: Sequence[float]) -> float:
    """The 95th percentile."""
    return percentile(times, 95)


def percentile(times: Sequence[float], hundredth: int) -> float:
    """The value that this many in a hundred do not pass."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * hundredth // 100)]


def save(name: str, figures: Sequence[Figure], **detail: Any) -> None:
    """Write the figures to ``bench/results/<name>.json`` and print them."""
    RESULTS.mkdir(exist_ok=True)
    report = {
        "bench": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "figures": [{**asdict(figure), "met": figure.met} for figure in figures],
        "detail": detail,
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n")
    show(report)


def show(report: dict[str, Any]) -> None:
    """Print one bench's figures, each with its target."""
    print(f"\n{report['bench']}  ({report['at']}, {report['machine']['cores']} cores)")
    for figure in report["figures"]:
        bound = "" if figure["target"] is None else f"{'≤' if figure['at_most'] else '≥'} {figure['target']:g}"
        verdict = {None: "", True: "met", False: "MISSED"}[figure["met"]]
        print(f"  {figure['what']:<74}{figure['value']:>10.2f} {figure['unit']:<9}{bound:>10}  {verdict}")

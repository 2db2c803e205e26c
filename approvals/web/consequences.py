"""What follows each answer, as learned from finished runs: shown before the click, and only with enough to go by."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, Run
from approvals.web.formats import moment_of, words
from approvals.web.forms import sheet_of
from approvals.web.terms import options_of

LEAST = 5
MOST = 200
MOST_STEPS = 4
MOST_WAYS = 2
KEPT_SECONDS = 600
# arn:aws:lambda:REGION:ACCOUNT:function:NAME:VERSION/durable-execution/NAME/ID
VERSION = re.compile(r":function:[^:/]+:([^:/]+)/durable-execution/")
# How a run tells that a stage is over (lambdas/hitl/ask.py); the stage itself has been told before.
OVER = (" answered", " unanswered", " closed", " failed")
ENDS = {
    "denied": gettext_lazy("Rejected"),
    "failed": gettext_lazy("Failed"),
    "timed_out": gettext_lazy("Timed out"),
    "cancelled": gettext_lazy("Cancelled"),
}


@dataclass(frozen=True)
class Way:
    """One way on: its steps in order, and how many runs took it."""

    steps: tuple[str, ...]
    runs: int


@dataclass(frozen=True)
class Consequence:
    """What followed one answer; ``runs`` is how many finished runs it was learned from."""

    label: str
    ways: list[Way]
    runs: int


def consequences_of(request: ApprovalRequest) -> list[Consequence]:
    """Return what followed each answer that this request takes, leaving out answers with too few finished runs.

    Only runs of the same function version teach, where the run says its version. Reads the newest 200 settled
    requests of the stage, along an index, and their runs, once in ten minutes.
    """
    version = version_of(request.run_arn)
    # What is kept reads as people read it.
    key = f"consequences:{get_language()}:{request.workflow}:{request.stage}:{version}"
    learned: dict[str, Counter[tuple[str, ...]]] | None = cache.get(key)
    if learned is None:
        learned = _learn(request, version)
        cache.set(key, learned, KEPT_SECONDS)
    found = [(option, learned.get(option.value, Counter[tuple[str, ...]]())) for option in options_of(request)]
    return [
        Consequence(option.label, [Way(*one) for one in ways.most_common(MOST_WAYS)], ways.total())
        for option, ways in found
        if ways.total() >= LEAST
    ]


def version_of(run_arn: str) -> str:
    """Return the version of the function that a run belongs to, or nothing where its name does not say it."""
    found = VERSION.search(run_arn)
    return found[1] if found else ""


def _learn(request: ApprovalRequest, version: str) -> dict[str, Counter[tuple[str, ...]]]:
    answered = ApprovalRequest.objects.settled_at_stage(request.workflow, request.stage)
    rows = list(
        answered.filter(status__in=("approved", "rejected")).values_list(
            "run_name", "run_arn", "decision", "settled_at"
        )[:MOST]
    )
    same = [row for row in rows if version_of(row[1]) == version]
    ended = Run.objects.filter(run_name__in={row[0] for row in same}).only("run_name", "status", "workflow", "progress")
    runs = {run.run_name: run for run in ended if run.has_ended}
    learned: dict[str, Counter[tuple[str, ...]]] = {}
    for run_name, _arn, decision, settled_at in same:
        if run_name in runs and isinstance(decision, Mapping) and settled_at:
            answer = str(decision.get("decision") or "")
            learned.setdefault(answer, Counter())[way_after(runs[run_name], settled_at)] += 1
    return learned


def way_after(run: Run, moment: datetime) -> tuple[str, ...]:
    """Return what a finished run did from a moment on: its steps, and its end where they do not say it."""
    sheet = sheet_of(run.workflow)
    stages: Mapping[str, str] = sheet.stages if sheet else {}
    told = [step for step in dict.fromkeys(_steps(run.progress, moment)) if step != run.status]
    steps = [str(stages.get(step) or words(step)) for step in told[:MOST_STEPS]] + ["…"] * (len(told) > MOST_STEPS)
    if run.status != "succeeded":
        return (*steps, str(ENDS.get(run.status) or words(run.status)))
    # What was done last says how it ended: "Reimbursed" behind "Reimbursement" would say it twice.
    finish = () if told and told[-1] not in stages else (str(sheet.finish) if sheet else _("Finished"),)
    return (*steps, *finish)


def _steps(progress: Iterable[Any], moment: datetime) -> Iterable[str]:
    for line in progress:
        if not isinstance(line, dict):
            continue
        at, step = moment_of(line.get("at")), str(line.get("step") or "")
        if at and at >= moment and step and not step.endswith(OVER):
            yield step

"""What follows each answer, as learned from finished runs: shown before the click, with how many runs taught it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import takewhile
from typing import Any

from django.core.cache import cache
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, Run
from approvals.web.formats import moment_of, words
from approvals.web.forms import sheet_of
from approvals.web.learned import KEPT_SECONDS, until
from approvals.web.terms import options_of

MOST = 200
MOST_STEPS = 4
MOST_WAYS = 2
# Runs are alike where neither amount is more than so many times the other, in one currency: the nearest of them teach.
ALIKE = 3
# Below or above every amount that was seen, only what is as near as this: a limit may lie between.
BEYOND = Decimal("1.5")
NEAREST = 20
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
    """What followed one answer; ``runs`` is how many finished runs it was learned from, none where none took it."""

    label: str
    ways: list[Way]
    runs: int
    unlike: int
    """How many more took it whose amount is of another size or currency, or only not among the nearest."""

    @property
    def other_runs(self) -> int:
        """How many of them took a rarer way than those named."""
        return self.runs - sum(way.runs for way in self.ways)


@dataclass(frozen=True)
class Lesson:
    """Which way one finished run took after an answer, and for how much money it was asked."""

    answer: str
    way: tuple[str, ...]
    amount: Decimal | None
    currency: str

    def is_like(self, request: ApprovalRequest) -> bool:
        """Whether it teaches anything about a request: small amounts seldom take the way of large ones."""
        if self.amount is None or request.amount is None:
            return self.amount is None and request.amount is None
        low, high = sorted((self.amount, request.amount))
        return self.currency == request.currency and high <= ALIKE * low


def _nearest(lessons: Iterable[Lesson], asked: Decimal) -> list[Lesson]:
    """Return those that teach about an amount: on each side from the nearest on, as far as the next step is the same.

    What comes next is the workflow's rule, which changes at limits that nobody here knows; a run on the other side of
    one teaches something else.
    """
    known = sorted(((one.amount or Decimal(0), one) for one in lessons), key=lambda pair: pair[0])
    same = [one for amount, one in known if amount == asked]
    below = [(amount, one) for amount, one in reversed(known) if amount < asked]
    above = [(amount, one) for amount, one in known if amount > asked]
    if not same and not (below and above):
        below = [(amount, one) for amount, one in below if asked <= BEYOND * amount]
        above = [(amount, one) for amount, one in above if amount <= BEYOND * asked]
    beside = [*_same_next(below), *_same_next(above)]
    if same:
        beside = [(amount, one) for amount, one in beside if one.way[:1] in {each.way[:1] for each in same}]
    nearest = sorted(beside, key=lambda pair: abs(pair[0] - asked))
    return [*same, *(one for _amount, one in nearest)][:NEAREST]


def _same_next(known: Sequence[tuple[Decimal, Lesson]]) -> Iterable[tuple[Decimal, Lesson]]:
    return takewhile(lambda pair: pair[1].way[:1] == known[0][1].way[:1], known)


@dataclass(frozen=True)
class Learned:
    """What finished runs taught: one lesson for each run and answer."""

    lessons: tuple[Lesson, ...]
    is_all: bool
    """Whether every settled request of the stage was read; otherwise the newest only."""

    def after(self, answer: str, label: str, request: ApprovalRequest) -> Consequence:
        """Return what followed an answer in the runs most like the request."""
        taken = [one for one in self.lessons if one.answer == answer]
        alike = [one for one in taken if one.is_like(request)]
        if request.amount is not None:
            alike = _nearest(alike, request.amount)
        ways = Counter(one.way for one in alike)
        # One rarer way alone is named: "another way" would hide what there is room to say.
        named = MOST_WAYS + 1 if len(ways) == MOST_WAYS + 1 else MOST_WAYS
        told = [Way(*one) for one in ways.most_common(named)]
        return Consequence(label, told, len(alike), len(taken) - len(alike))


@dataclass(frozen=True)
class Consequences:
    """What followed every answer that a request takes, in the order of its buttons."""

    answers: list[Consequence]
    is_all: bool
    by_amount: bool
    """Whether only runs of a similar amount taught."""

    @property
    def are_known(self) -> bool:
        """Whether any finished run took any of them."""
        return any(one.runs or one.unlike for one in self.answers)


def consequences_of(request: ApprovalRequest) -> Consequences:
    """Return what followed each answer that this request takes.

    Only runs of the same function version teach, where the run says its version, and each once for an answer; of
    those the nearest in amount. Reads the newest 200 settled requests of the stage, along an index, and their runs,
    once in five minutes.
    """
    version = version_of(request.run_arn)
    # What is kept reads as people read it.
    before = until()
    key = f"followed:{get_language()}:{request.workflow}:{request.stage}:{version}:{before:%H%M}"
    learned: Learned | None = cache.get(key)
    if learned is None:
        learned = _learn(request, version, before)
        cache.set(key, learned, KEPT_SECONDS)
    answers = [learned.after(option.value, option.label, request) for option in options_of(request)]
    return Consequences(answers, learned.is_all, by_amount=request.amount is not None)


def version_of(run_arn: str) -> str:
    """Return the version of the function that a run belongs to, or nothing where its name does not say it."""
    found = VERSION.search(run_arn)
    return found[1] if found else ""


def _learn(request: ApprovalRequest, version: str, before: datetime) -> Learned:
    answered = ApprovalRequest.objects.settled_at_stage(request.workflow, request.stage).filter(settled_at__lt=before)
    rows = list(
        answered.filter(status__in=("approved", "rejected")).values_list(
            "run_name", "run_arn", "decision", "settled_at", "amount", "currency"
        )[:MOST]
    )
    same = [row for row in rows if version_of(row[1]) == version]
    ended = Run.objects.filter(run_name__in={row[0] for row in same}).only(
        "run_name", "status", "workflow", "progress", "result"
    )
    runs = {run.run_name: run for run in ended if run.has_ended}
    # A run that took an answer twice, as a document sent back twice did, counts once: by the last time.
    last: dict[tuple[str, str], tuple[datetime, Decimal | None, str]] = {}
    for run_name, _arn, decision, settled_at, amount, currency in same:
        if run_name in runs and isinstance(decision, Mapping) and settled_at:
            last.setdefault((run_name, str(decision.get("decision") or "")), (settled_at, amount, currency))
    lessons = tuple(
        Lesson(answer, way_after(runs[run_name], settled_at, request.stage), amount, currency)
        for (run_name, answer), (settled_at, amount, currency) in last.items()
    )
    return Learned(lessons, is_all=len(rows) < MOST)


def way_after(run: Run, moment: datetime, stage: str) -> tuple[str, ...]:
    """Return what a finished run did after ``stage`` was answered: its steps, and its end where they do not say it."""
    sheet = sheet_of(run.workflow)
    stages: Mapping[str, str] = sheet.stages if sheet else {}
    told = [step for step in dict.fromkeys(_steps(run.progress, moment, stage)) if step != run.status]
    steps = [str(stages.get(step) or words(step)) for step in told[:MOST_STEPS]] + ["…"] * (len(told) > MOST_STEPS)
    if run.status != "succeeded":
        return (*steps, str(ENDS.get(run.status) or words(run.status)))
    # What was done last says how it ended: "Reimbursed" behind "Reimbursement" would say it twice.
    finish = () if told and told[-1] not in stages else (sheet.ending(run.result) if sheet else _("Finished"),)
    return (*steps, *finish)


def _steps(progress: Iterable[Any], moment: datetime, stage: str) -> Iterable[str]:
    for line in progress:
        if not isinstance(line, dict):
            continue
        at, step = moment_of(line.get("at")), str(line.get("step") or "")
        # A line without a key tells what was done; only one with a key asks the same stage again.
        if step == stage and not line.get("key"):
            continue
        if at and at >= moment and step and not step.endswith(OVER):
            yield step

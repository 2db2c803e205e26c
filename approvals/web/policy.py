"""The portal's policy of a request in words: its steps, how far it has come, and what follows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from approvals.actions.safe_default import safe_answer
from approvals.models import ApprovalRequest, Decision, Handover, Vote
from approvals.policy import Standing
from approvals.policy.wording import deadline_words, needed_words, people_words, title_words
from approvals.web.names import names_of
from approvals.web.recorded import rule_words


@dataclass(frozen=True)
class StepShown:
    """One step. ``state``: done, now, later or failed."""

    number: int
    title: str
    people: str
    needed: str
    state: str
    votes: list[Vote]


@dataclass(frozen=True)
class PolicyShown:
    """What a request was opened under."""

    name: str
    has_version: bool
    handed: list[Handover]
    because: str
    steps: list[StepShown]
    due_at: datetime | None
    deadline: str
    barred: list[str]
    lacking: str
    is_escalated: bool

    @classmethod
    def of(cls, request: ApprovalRequest, votes: Iterable[Vote]) -> "PolicyShown | None":
        """Read it; None where the workflow's own terms are all that holds."""
        standing = Standing.of(request)
        if standing is None:
            return None
        listed, effective = list(votes), standing.effective
        barred = [name for name in effective.excluded.split("|") if name]
        named = (name for step in (*standing.terms.steps, standing.terms.escalation) for name in step.users)
        names = names_of([*named, *barred])
        is_open = request.is_pending and not Decision.objects.filter(request=request).exists()
        return cls(
            name=str(effective),
            has_version=effective.version is not None,
            handed=list(request.handovers.select_related("giver", "taker", "by").order_by("id")),
            because=rule_words(effective.because),
            steps=_steps(standing, listed, names, is_open=is_open),
            due_at=effective.due_at if is_open else None,
            deadline=deadline_words(standing.terms, safe_answer(standing), names) if is_open else "",
            barred=[names.get(name, name) for name in barred],
            lacking=standing.shortfall(listed) if is_open else "",
            is_escalated=standing.is_escalated,
        )


def _steps(standing: Standing, votes: list[Vote], names: Mapping[str, str], *, is_open: bool) -> list[StepShown]:
    shown = []
    for at, step in enumerate(standing.terms.steps):
        mine = [vote for vote in votes if (vote.step or 0) == at]
        agreed = all(vote.choice == standing.request.yes for vote in mine)
        if at < standing.effective.step or (mine and agreed and not is_open and standing.is_last):
            state = "done"
        elif at == standing.effective.step:
            state = "now" if is_open else "failed"
        else:
            state = "later"
        people, needed = people_words(step, names), needed_words(step)
        if at == standing.effective.step:
            people, needed = _handed_over(standing, people, needed)
        shown.append(StepShown(at + 1, title_words(step), people, needed, state, mine))
    return shown


def _handed_over(standing: Standing, people: str, needed: str) -> tuple[str, str]:
    """Return who is asked in the step under way, and how many must agree, after what was handed over."""
    places = standing.effective.places
    takers = {each.taker.username: str(each.taker) for each in standing.request.handovers.select_related("taker")}
    if places.alone:
        people, needed = takers[places.alone], _("asked instead of the others")
    if places.added:
        also = _(" and ").join(takers[name] for name in sorted(places.added))
        needed = _("{needed}, and {people} as well").format(needed=needed, people=also)
    return people, needed

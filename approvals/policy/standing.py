"""How a request stands under the portal's policy: whose turn it is, and what the answers so far come to."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import ApprovalRequest, EffectivePolicy, Vote
from approvals.models.handovers import Places
from approvals.models.terms import MANAGER, AtDeadline, Needed, PolicyTerms, Step
from approvals.policy.members import members_of
from approvals.policy.quorum import ADDED, ALONE, ESCALATION, is_met, missing
from approvals.policy.tally import tally
from approvals.policy.viewer import Viewer


@dataclass(frozen=True)
class Outcome:
    """What the answers come to: a choice that settles the request, or a step that is passed, or neither."""

    settled: str | None = None
    passed: bool = False


@dataclass(frozen=True)
class Standing:
    """A request under the version of a policy that it was opened under."""

    request: ApprovalRequest
    effective: EffectivePolicy

    @classmethod
    def of(cls, request: ApprovalRequest) -> "Standing | None":
        """Return how it stands; None where the workflow's floor is all that holds."""
        if request.waits_for_id is None:
            return None
        effective = EffectivePolicy.objects.of(request)
        return cls(request, effective) if effective else None

    @property
    def terms(self) -> PolicyTerms:
        """What the version says."""
        return self.effective.terms

    @property
    def step(self) -> Step:
        """The step that is under way."""
        return self.effective.current

    @property
    def is_escalated(self) -> bool:
        """Whether the policy's next people are asked as well."""
        return self.effective.state == EffectivePolicy.State.ESCALATED

    @property
    def is_last(self) -> bool:
        """Whether no step follows."""
        return self.effective.step == len(self.terms.steps) - 1

    @property
    def lacks_manager(self) -> bool:
        """Whether the step cannot do without the requester's manager, and the account named none."""
        step = self.step
        needs = step.manager and (step.needed == Needed.EACH or step.seats == (MANAGER,))
        return needs and not self.effective.manager and not self.effective.places.alone

    def seats_of(self, viewer: Viewer, step: Step | None = None) -> frozenset[str]:
        """What the person's answer can count for in the step, by default the current one."""
        return (step or self.step).seats_of(viewer.username, viewer.groups, self.effective.manager)

    def takes_one(self, votes: list[Vote]) -> bool:
        """Whether one more answer passes the step."""
        step, agreed, places = self.step, len(self.agreed(votes)), self.effective.places
        if places.alone:
            return True
        wanted = step.count if step.needed == Needed.COUNT else 1
        one_more = step.needed in {Needed.ANY, Needed.COUNT} and wanted - agreed <= 1 and not places.added
        yet = sum(vote.choice == self.request.yes for vote in votes)
        return one_more and not (self.is_last and self.request.required - yet > 1)

    def answers_as(self, viewer: Viewer) -> frozenset[str]:
        """What the person's answer can count for now; nothing means that it is not their turn."""
        places = self.effective.places
        if viewer.username in places.added:
            return frozenset({ADDED})
        seats = self._place_of(viewer.username, self.seats_of(viewer), places)
        return seats | {ESCALATION} if self.is_escalated and self.seats_of(viewer, self.terms.escalation) else seats

    @staticmethod
    def _place_of(username: str, seats: frozenset[str], places: Places) -> frozenset[str]:
        """Return what somebody can count for, after what was handed over."""
        if places.alone:
            return seats | {ALONE} if username == places.alone else frozenset()
        return places.given.get(username, frozenset() if username in places.out else seats)

    def is_excluded(self, viewer: Viewer) -> bool:
        """Whether the person answered an earlier stage and the policy bars them for it."""
        return any(viewer.is_called(name) for name in self.effective.excluded.strip("|").split("|"))

    def is_over(self, now: datetime) -> bool:
        """Whether the policy takes no more answers: known by the clock, before the worker has noted it."""
        if self.effective.state == EffectivePolicy.State.EXPIRED:
            return True
        ends = self.terms.at_deadline in {AtDeadline.EXPIRE, AtDeadline.DEFAULT} or self.is_escalated
        return ends and self.effective.due_at is not None and self.effective.due_at <= now

    def able(self, votes: Iterable[Vote], step: Step | None = None) -> dict[str, frozenset[str]]:
        """Return who may answer in the step, with what each can count for: asked by both layers, and barred by none.

        Read anew each time: "all of a group" means its members at this moment.
        """
        wanted = step or self.step
        given = list(votes)
        earlier = {pk for vote in given if (vote.step or 0) != self.effective.step for pk in _used_up(vote)}
        # Nobody answers twice: whoever stood in for somebody has no answer of their own left.
        earlier |= {vote.voter_id for vote in given if vote.for_person_id is not None}
        barred = {name.casefold() for name in (self.request.requester, *(self.request.policy.get("exclude") or []))}
        barred |= {name.casefold() for name in self.effective.excluded.strip("|").split("|")}
        places = self.effective.places if step is None else Places()
        also = (*places.given, *places.added, *filter(None, [places.alone]))
        asked = replace(wanted, users=(*wanted.users, *also))
        found = {}
        for person, groups in members_of(self.request.policy, asked, self.effective.manager):
            own = wanted.seats_of(person.username, groups, self.effective.manager)
            seats = self._place_of(person.username, own, places)
            if person.username in places.added:
                seats = frozenset({ADDED})
            if seats and person.pk not in earlier and person.username.casefold() not in barred:
                found[person.username] = seats
        return found

    def outcome(self, votes: list[Vote]) -> Outcome:
        """Return what the answers come to. One objection settles, as everywhere; the floor's count holds besides."""
        objection = next((vote.choice for vote in votes if vote.choice != self.request.yes), None)
        if objection is not None:
            return Outcome(settled=objection)
        if not self._is_met(votes):
            return Outcome()
        if not self.is_last:
            return Outcome(passed=True)
        return Outcome(settled=tally(self.request.required, (vote.choice for vote in votes), self.request.yes))

    def _is_met(self, votes: list[Vote]) -> bool:
        agreed = self.agreed(votes)
        added = self.effective.places.added
        able = self.able(votes).keys() - added if self.step.needed == Needed.ALL else frozenset()
        base = {name: seats for name, seats in agreed.items() if name not in added}
        return added <= agreed.keys() and is_met(self.step, base, able)

    def agreed(self, votes: Iterable[Vote]) -> dict[str, frozenset[str]]:
        """Return who agreed in the current step, or for whom it was done, with what they could count for then."""
        # Answers from before a handover under the workflow's own terms name no step.
        here = (vote for vote in votes if (vote.step or 0) == self.effective.step)
        mine = (vote for vote in here if vote.choice == self.request.yes)
        return {vote.holder.username: frozenset(vote.seats) for vote in mine}

    def shortfall(self, votes: list[Vote]) -> str:
        """Return why nobody can pass the current step, in a sentence; empty where somebody can."""
        agreed, able = self.agreed(votes), self.able(votes)
        added = self.effective.places.added
        lacking = missing(self.step, _without(agreed, added), _without(able, added))
        lacking += len(added - able.keys() - agreed.keys())
        if self.is_last:
            yet = sum(vote.choice == self.request.yes for vote in votes)
            lacking = max(lacking, self.request.required - yet - len(able.keys() - agreed.keys()))
        if lacking <= 0 or (self.is_escalated and self.able(votes, self.terms.escalation)):
            return ""
        if self.lacks_manager:
            return _(
                "Step {step} cannot be passed: it asks the requester's manager, and their account named none when the "
                "request was opened."
            ).format(step=self.effective.step + 1)
        if not able and not agreed:
            return _(
                "Nobody can answer step {step}: of those whom the policy asks, "
                "the workflow asks nobody who may still answer."
            ).format(step=self.effective.step + 1)
        return ngettext(
            "Step {step} needs {count} more than there are people who may answer.",
            "Step {step} needs {count} more than there are people who may answer.",
            lacking,
        ).format(step=self.effective.step + 1, count=lacking)

    def as_recorded(self) -> dict[str, Any]:
        """Return what an answer is given under, both layers, for the vote and the record."""
        version = self.effective.version
        named = {"policy": version.policy.name, "version": version.number} if version else {"policy": None}
        refined = {**named, "step": self.effective.step + 1}
        return {**self.request.policy, "refined_by": {**refined, "state": self.effective.state}}


def _used_up(vote: Vote) -> tuple[int, ...]:
    """Return who cannot answer any more after this one: who gave it, and whoever it was given for."""
    return (vote.voter_id,) if vote.for_person_id is None else (vote.voter_id, vote.for_person_id)


def _without(people: Mapping[str, frozenset[str]], names: Set[str]) -> dict[str, frozenset[str]]:
    return {name: seats for name, seats in people.items() if name not in names}

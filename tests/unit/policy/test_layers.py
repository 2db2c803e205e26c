"""The two layers together, held to a small model: random floors, policies, people and answers in any order."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Refused
from approvals.models import ApprovalRequest, Decision, EffectivePolicy, Policy, PolicyRule, PolicyVersion, User, Vote
from approvals.models.pages import Order
from approvals.models.terms import Needed, PolicyTerms, Step
from approvals.policy import Viewer, people_asked
from tests.factories import absence, approval_request, policy

pytestmark = pytest.mark.django_db
NAMES = ("ann", "ben", "cleo", "dan", "rita")
GROUPS = ("finance", "legal", "managers")


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Story:
    """Who is where, what both layers ask, and who answers what in which order."""

    members: dict[str, frozenset[str]]
    floor_groups: frozenset[str]
    floor_users: frozenset[str]
    required: int
    exclude: frozenset[str]
    steps: tuple[Step, ...]
    answers: tuple[tuple[str, bool], ...]
    away: tuple[tuple[str, str], ...]
    """Who is away, and who answers for them."""


some_groups = st.frozensets(st.sampled_from(GROUPS), max_size=2)
some_people = st.frozensets(st.sampled_from(NAMES), max_size=2)
steps = st.builds(
    Step,
    title=st.just("Step"),
    groups=st.frozensets(st.sampled_from(GROUPS), min_size=1, max_size=2).map(lambda names: tuple(sorted(names))),
    users=some_people.map(lambda names: tuple(sorted(names))),
    needed=st.sampled_from(Needed),
    count=st.integers(1, 3),
)
stories = st.builds(
    Story,
    members=st.fixed_dictionaries({name: st.frozensets(st.sampled_from(GROUPS), max_size=3) for name in NAMES}),
    floor_groups=some_groups,
    floor_users=some_people,
    required=st.integers(1, 3),
    exclude=st.frozensets(st.sampled_from(NAMES), max_size=1),
    steps=st.lists(steps, min_size=1, max_size=2).map(tuple),
    answers=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([True, True, True, False])), max_size=9).map(
        tuple
    ),
    away=st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] != pair[1]),
        max_size=3,
        unique_by=lambda pair: pair[0],
    ).map(tuple),
)


class Model:
    """The rules again, in the plainest words: sets, and every order of seats tried."""

    def __init__(self, story: Story) -> None:
        self.story, self.at, self.settled = story, 0, ""
        # Whose answer, whether it agrees, in which step, and who gave it.
        self.said: list[tuple[str, bool, int, str]] = []

    def asked_by_floor(self, name: str) -> bool:
        story = self.story
        asked = name in story.floor_users or bool(story.members[name] & story.floor_groups)
        return asked and name not in story.exclude and name != "rita"

    def asked_by(self, step: Step, name: str) -> bool:
        return name in step.users or bool(self.story.members[name] & set(step.groups))

    def fresh(self, name: str) -> bool:
        return all(name not in {holder, by} for holder, _, _, by in self.said)

    def asked(self, name: str) -> bool:
        return self.asked_by_floor(name) and self.asked_by(self.story.steps[self.at], name)

    def holder(self, name: str) -> str:
        """Whose answer it would be: their own if they are asked, else of the first who is away; empty for nobody's."""
        if self.settled or not self.fresh(name) or name in self.story.exclude or name == "rita":
            return ""
        if self.asked(name):
            return name
        away = (person for person, deputy in self.story.away if deputy == name)
        return next((person for person in away if self.asked(person) and self.fresh(person)), "")

    def may(self, name: str) -> bool:
        return bool(self.holder(name))

    def answer(self, name: str, agrees: bool) -> None:
        self.said.append((self.holder(name), agrees, self.at, name))
        if not agrees:
            self.settled = "rejected"
        elif self.met():
            if self.at + 1 < len(self.story.steps):
                self.at += 1
            elif len(self.said) >= self.story.required:
                self.settled = "approved"

    def met(self) -> bool:
        step = self.story.steps[self.at]
        agreed = [name for name, _, at, _ in self.said if at == self.at]
        earlier = {name for holder, _, at, by in self.said if at < self.at for name in (holder, by)}
        earlier |= {by for holder, _, _, by in self.said if by != holder}
        match step.needed:
            case Needed.ANY:
                return bool(agreed)
            case Needed.COUNT:
                return len(agreed) >= step.count
            case Needed.ALL:
                able = {n for n in NAMES if self.asked_by(step, n) and self.asked_by_floor(n) and n not in earlier}
                return bool(agreed) and able <= set(agreed)
        seats = [*step.groups, *step.users]
        return any(
            all(seat == name or seat in self.story.members[name] for seat, name in zip(seats, order, strict=True))
            for order in permutations(agreed, len(seats))
        )


def staged(story: Story) -> tuple[ApprovalRequest, dict[str, Viewer]]:
    """The story in the database, opened by the policy without its sanity check: odd policies must hold too."""
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in GROUPS}
    people = {}
    for name in NAMES:
        people[name] = User.objects.create(username=name)
        people[name].groups.set([groups[group] for group in story.members[name]])
    for name, deputy in story.away:
        absence(name, deputy)
    made = Policy.objects.create(name="Story", number=1)
    stored = PolicyTerms(story.steps).as_json()
    PolicyVersion.objects.create(policy=made, number=1, stored=stored, made_by=people["rita"])
    PolicyRule.objects.create(policy=made)
    floor = policy(
        *sorted(story.floor_groups),
        users=tuple(sorted(story.floor_users)),
        required=story.required,
        exclude=tuple(story.exclude),
    )
    request = approval_request(policy=floor, requester="rita")
    EffectivePolicy.objects.pin([request], timezone.now())
    return request, {name: Viewer.of(user) for name, user in people.items()}


@settings(max_examples=40)
@given(story=stories)
def test_both_layers_together_say_what_the_model_says(story: Story) -> None:
    with undone():
        request, people = staged(story)
        model = Model(story)
        for name, agrees in story.answers:
            choice = "approved" if agrees else "rejected"
            ballot = Ballot(choice, "Because.", request.version, request.content_digest)
            may = model.may(name)
            try:
                with transaction.atomic():
                    decide(people[name], request.approval_id, ballot)
                done = True
            except Refused:
                done = False
            assert done is may, (name, model.said)
            if may:
                model.answer(name, agrees)
            decision = Decision.objects.filter(request=request).first()
            assert (decision.choice if decision else "") == model.settled
            the_queue_shows_it_to_whoever_may_answer(model, people)
        told = {one.username for one in people_asked(request).people}
        assert told == {one for one in NAMES if model.may(one)}
        never_looser_than_the_floor(story, request)


def the_queue_shows_it_to_whoever_may_answer(model: Model, people: dict[str, Viewer]) -> None:
    for name, who in people.items():
        waiting = ApprovalRequest.objects.open().not_barred_for(name)
        fresh = Viewer.of(who.user)
        page = waiting.page_of_audiences(fresh.audiences, Order.DEADLINE, others=fresh.others)
        assert bool(page.rows) is model.may(name), (name, model.said)


def never_looser_than_the_floor(story: Story, request: object) -> None:
    """Whatever the policy says: only people of the floor or their deputies answered, once, and a yes has enough."""
    votes = list(Vote.objects.filter(request=request).select_related("voter", "for_person"))
    names = [name for vote in votes for name in {vote.voter.username, vote.holder.username}]
    model = Model(story)
    assert len(names) == len(set(names))
    assert all(model.asked_by_floor(vote.holder.username) for vote in votes)
    assert not {vote.voter.username for vote in votes} & {"rita", *story.exclude}
    if Decision.objects.filter(request=request, choice="approved").exists():
        assert len(votes) >= story.required

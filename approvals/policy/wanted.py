"""Whose answers an open request still wants, by name, and how many of them: for any number of requests at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Prefetch, prefetch_related_objects

from approvals.models import ApprovalRequest, EffectivePolicy, Handover, Vote
from approvals.models.handovers import Places
from approvals.models.terms import MANAGER, Needed, Step
from approvals.policy.quorum import seats_filled
from approvals.policy.standing import Standing
from approvals.policy.turn import asked_by_name


@dataclass(frozen=True)
class Wanted:
    """The people and groups who are asked now, without those who have answered, and how many of them must agree."""

    users: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    count: int = 1
    is_each: bool = False
    """Whether an answer is wanted of each person and group that is named here."""
    is_all: bool = False
    """Whether everybody who is in those groups must agree."""
    also: list[str] = field(default_factory=list)
    """Who was asked as well: the others are not enough without them."""
    is_over: bool = False
    """Whether the policy takes no more answers."""

    @property
    def is_nobody(self) -> bool:
        """Whether it asks nobody at all."""
        return not self.users and not self.groups


def read_wanted(requests: Iterable[ApprovalRequest]) -> None:
    """Read for all of them what ``wanted`` looks at; nothing where one answer by the workflow's own terms is enough."""
    some = [one for one in requests if one.is_pending and (one.waits_for_id is not None or one.required > 1)]
    handovers = Handover.objects.select_related("giver", "taker").order_by("id")
    prefetch_related_objects(
        some,
        Prefetch("effective", EffectivePolicy.objects.select_related("version__policy")),
        Prefetch("votes", Vote.objects.select_related("voter", "for_person")),
        Prefetch("handovers", handovers),
    )


def wanted(request: ApprovalRequest) -> Wanted:
    """Return whom an open request waits for, and whether for one of them, for so many or for each."""
    users, groups = asked_by_name(request)
    if request.waits_for_id is None and request.required <= 1:
        return Wanted(users, groups)
    read_wanted([request])
    votes = list(request.votes.all())
    yet = request.required - sum(vote.choice == request.yes for vote in votes)
    answered = {name for vote in votes for name in (vote.voter.username, vote.holder.username)}
    standing = Standing(request, request.effective) if getattr(request, "effective", None) else None
    if standing is not None and standing.effective.state == EffectivePolicy.State.EXPIRED:
        return Wanted(is_over=True)
    if standing is None:
        return _so_many(yet, [name for name in users if name not in answered], groups)
    places = Places.of(one for one in request.handovers.all() if one.step == standing.effective.step)
    also = sorted(places.added - answered)
    if places.alone:
        return Wanted([name for name in (places.alone, *also) if name not in answered], is_each=True)
    gone = answered | places.out.keys() | places.added
    left = Wanted([name for name in users if name not in gone], groups, also=also)
    return left if standing.is_escalated else _of_step(standing, places, votes, left, yet)


def _of_step(standing: Standing, places: Places, votes: list[Vote], left: Wanted, yet: int) -> Wanted:
    step = standing.step
    agreed = {name: seats for name, seats in standing.agreed(votes).items() if name not in places.added}
    if step.needed == Needed.EACH:
        return _of_seats(_open_seats(step, agreed), standing.effective.manager, places, left.also)
    if step.needed == Needed.ALL:
        return Wanted(left.users, left.groups, is_each=True, is_all=bool(left.groups), also=left.also)
    lacking = (step.count if step.needed == Needed.COUNT else 1) - len(agreed)
    lacking = max(lacking, yet - len(left.also)) if standing.is_last else lacking
    if lacking <= 0:
        # Those of the step agreed; who was asked as well has not.
        return Wanted(left.also, is_each=True)
    return _so_many(lacking, left.users, left.groups, left.also)


def _so_many(count: int, users: list[str], groups: list[str], also: list[str] | None = None) -> Wanted:
    each = not groups and count >= len(users)
    return Wanted(users, groups, 1 if each else max(count, 1), is_each=each, also=also or [])


def _open_seats(step: Step, agreed: dict[str, frozenset[str]]) -> list[str]:
    """Return the seats that one more answer could fill: who agreed may count for this or for that one."""
    filled = seats_filled(agreed)
    return [seat for seat in step.seats if seats_filled({**agreed, "": frozenset({seat})}) > filled]


def _of_seats(seats: list[str], manager: str, places: Places, also: list[str]) -> Wanted:
    users, groups = [], []
    for seat in seats:
        kind, _colon, name = seat.partition(":")
        if kind == "group":
            groups.append(name)
        elif named := manager if seat == MANAGER else name:
            users.append(_holder_of(named, places))
    return Wanted(users, groups, is_each=True, also=also)


def _holder_of(name: str, places: Places) -> str:
    """Return who has the place now; places never go round in a circle (Places.of)."""
    while name in places.out:
        name = places.out[name]
    return name

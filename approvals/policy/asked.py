"""The people who are asked: whose turn it is and whoever stands in for them, a batch at a time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from approvals.models import Absence, ApprovalRequest, User
from approvals.models.away import AbsenceQuerySet
from approvals.policy.acting import acting_for
from approvals.policy.requests import may_decide
from approvals.policy.turn import deputies, whose_turn
from approvals.policy.viewer import ADMINS, Viewer


@dataclass(frozen=True)
class Batch:
    """Some people, and the id up to which everybody was looked at; None when there are no more.

    ``stands_for`` says for whom those answer who are not asked themselves.
    """

    people: list[User] = field(default_factory=list)
    reached: int | None = None
    stands_for: dict[int, User] = field(default_factory=dict)


def people_asked(request: ApprovalRequest, after: int = 0, most: int = 500) -> Batch:
    """Return who may decide the request now, of at most ``most`` people behind the one with the id ``after``.

    Those whose turn it is, and whoever stands in for one of them. Each is then asked of ``may_decide``, so that nobody
    is told who would be refused.
    """
    now = timezone.now()
    in_force = Absence.objects.in_force(now)
    candidates = User.objects.filter(
        Q(pk__in=whose_turn(request).values("pk")) | Q(pk__in=deputies(request, in_force).values("pk"))
    ).annotate(is_deputy=Exists(in_force.filter(deputy=OuterRef("pk"))))
    stands_for: dict[int, User] = {}

    def able(viewers: Iterable[Viewer]) -> Iterable[Viewer]:
        for one in _with_absences(list(viewers), in_force):
            if may_decide(one, request, now):
                yield one
                if acting := acting_for(one, request, now):
                    stands_for[one.user.pk] = acting.person

    found = batch_of(candidates, after, most, able)
    return Batch(found.people, found.reached, stands_for)


def everybody_asked(request: ApprovalRequest) -> list[User]:
    """Return all people who may decide the request now, by name."""
    found: list[User] = []
    after: int | None = 0
    while after is not None:
        batch = people_asked(request, after)
        found += batch.people
        after = batch.reached
    return sorted(found, key=lambda person: person.username)


def _with_absences(viewers: list[Viewer], in_force: AbsenceQuerySet) -> list[Viewer]:
    """Tell each viewer for whom they stand in, by one question for all, and none where nobody does."""
    listed: dict[int, list[Absence]] = {viewer.user.pk: [] for viewer in viewers}
    if any(getattr(viewer.user, "is_deputy", False) for viewer in viewers):
        for absence in in_force.filter(deputy__in=list(listed)).select_related("person", "deputy").order_by("id"):
            listed[absence.deputy_id].append(absence)
    for viewer in viewers:
        viewer.__dict__["stands_in"] = listed[viewer.user.pk]
    return viewers


@dataclass(frozen=True)
class Awaited:
    """Somebody whose answer is wanted, and who may give it for them while they are away."""

    person: User
    deputy: User | None = None


def awaited(request: ApprovalRequest, most: int) -> tuple[list[Awaited], int]:
    """Return whom the request waits for, at most so many by name, and how many more there are."""
    people = whose_turn(request).order_by("first_name", "last_name", "username")
    named = list(people[: most + 1])
    more = people.count() - most if len(named) > most else 0
    return [Awaited(one, deputy) for one, deputy in _with_deputies(request, named[:most])], more


def _with_deputies(request: ApprovalRequest, people: list[User]) -> Iterator[tuple[User, User | None]]:
    in_force = Absence.objects.in_force(timezone.now()).covering(request.workflow)
    named = {one.deputy for one in in_force.filter(person__in=people).select_related("deputy")}
    viewers = [viewer for viewer in map(Viewer.of, named) if may_decide(viewer, request)]
    found = {acting.person: viewer.user for viewer in viewers if (acting := acting_for(viewer, request))}
    for one in people:
        yield one, found.get(one)


def people_of_the_office(after: int = 0, most: int = 500) -> Batch:
    """Return the admins, who put things right."""
    admins = User.objects.filter(Q(is_superuser=True) | Q(groups__name=ADMINS)).distinct()
    return batch_of(admins, after, most, lambda viewers: [one for one in viewers if one.is_admin and one.is_active])


def batch_of(
    candidates: "QuerySet[User]", after: int, most: int, kept: Callable[[Iterable[Viewer]], Iterable[Viewer]]
) -> Batch:
    """Return those of the next candidates, by id, whom ``kept`` keeps; their groups are read together."""
    some = list(candidates.filter(pk__gt=after, is_active=True).order_by("pk").prefetch_related("groups")[:most])
    viewers = [Viewer(one, frozenset(group.name for group in one.groups.all())) for one in some]
    people = [viewer.user for viewer in kept(viewers)]
    return Batch(people, some[-1].pk if len(some) == most else None)

"""Whose turn it is: the people that a request is put to, a batch at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from approvals.models import ApprovalRequest, User
from approvals.policy.requests import may_decide
from approvals.policy.viewer import ADMINS, Viewer


@dataclass(frozen=True)
class Batch:
    """Some people, and the id up to which everybody was looked at; None when there are no more."""

    people: list[User] = field(default_factory=list)
    reached: int | None = None


def people_asked(request: ApprovalRequest, after: int = 0, most: int = 500) -> Batch:
    """Return who may decide the request now, of at most ``most`` people behind the one with the id ``after``.

    The names in the policy say whom to look at; each of them is then asked of ``may_decide``, so that nobody is told
    who would be refused.
    """
    named = [str(name) for name in request.policy.get("users") or []]
    groups = [str(name) for name in request.policy.get("groups") or []]
    by_group = User.groups.through.objects.filter(group__in=Group.objects.filter(name__in=groups))
    candidates = User.objects.filter(Q(username__in=named) | Q(pk__in=by_group.values("user_id")))
    return batch_of(candidates, after, most, lambda viewers: [one for one in viewers if may_decide(one, request)])


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

"""The people whom the two layers name: as conditions on accounts, so that one question finds all of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from approvals.models import User
from approvals.models.terms import Step


def named_by(groups: Iterable[str], users: Iterable[str]) -> Q:
    """Return the condition of being named, in person or by a group. Not by a join: nobody comes twice."""
    members = User.groups.through.objects.filter(group__name__in=list(groups)).values("user")
    return Q(username__in=list(users)) | Q(pk__in=members)


def in_floor(floor: Mapping[str, Any]) -> Q:
    """Return the condition of being asked by the workflow."""
    return named_by(floor.get("groups") or [], floor.get("users") or [])


def in_step(step: Step, manager: str) -> Q:
    """Return the condition of being asked by a step of the portal's policy."""
    return named_by(step.groups, [*step.users, manager] if step.manager and manager else step.users)


def members_of(floor: Mapping[str, Any] | None, step: Step, manager: str = "") -> list[tuple[User, set[str]]]:
    """Return the active people whom both the workflow and the step name, each with their groups.

    None for the floor names everybody. Who of them may answer is another question: see ``whose_turn``.
    """
    people = User.objects.filter(in_step(step, manager), is_active=True)
    if floor is not None:
        people = people.filter(in_floor(floor))
    people = people.order_by("username").prefetch_related("groups")
    return [(person, {group.name for group in person.groups.all()}) for person in people]

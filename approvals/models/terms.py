"""What a policy asks, as values: its steps, who is in each, how many of them, by when, and what then."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

MANAGER = "manager"
# Of the moments at which people are reminded: the end of a step's time itself.
ON_DEADLINE = 0


class Needed(models.TextChoices):
    """How many of a step's people must agree."""

    ANY = "any", _("Any one of them")
    ALL = "all", _("All of them")
    COUNT = "count", _("So many of them")
    EACH = "each", _("One from each group, and each person named")


class AtDeadline(models.TextChoices):
    """What happens when a step's own time is over."""

    REMIND = "remind", _("Remind them; the step stays open")
    ESCALATE = "escalate", _("Ask the people below as well")
    EXPIRE = "expire", _("Take no more answers; the workflow goes on at its own deadline")
    DEFAULT = "default", _("Answer by itself, with the safe answer below")


@dataclass(frozen=True)
class Step:
    """One step: its people, and how many of them must agree. ``hours`` is its time, None for the workflow's."""

    title: str
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    manager: bool = False
    needed: Needed = Needed.ANY
    count: int = 1
    hours: int | None = None

    @property
    def seats(self) -> tuple[str, ...]:
        """What its people can count for: one seat for each group and each person that it names."""
        named = (*(f"group:{name}" for name in self.groups), *(f"user:{name}" for name in self.users))
        return (*named, MANAGER) if self.manager else named

    def seats_of(self, username: str, groups: Iterable[str], manager: str) -> frozenset[str]:
        """The seats that this person can take; none means that the step does not ask them."""
        mine = {f"user:{username}", *(f"group:{name}" for name in groups)}
        if manager and username == manager:
            mine.add(MANAGER)
        return frozenset(self.seats) & mine

    def principals(self, manager: str) -> list[str]:
        """The names by which an audience means its people."""
        named = [seat for seat in self.seats if seat != MANAGER]
        return [*named, f"user:{manager}"] if self.manager and manager else named


@dataclass(frozen=True)
class PolicyTerms:
    """All that a version of a policy says. The requester never answers, whatever it says: the floor holds."""

    steps: tuple[Step, ...]
    bars_earlier: bool = False
    at_deadline: AtDeadline = AtDeadline.REMIND
    escalate_groups: tuple[str, ...] = ()
    escalate_users: tuple[str, ...] = ()
    escalate_hours: int | None = None
    default_option: str = ""
    remind: tuple[int, ...] | None = None
    """Minutes from the end of a step's time, below 0 before it. None, and older versions: as REMIND_AT says."""

    @property
    def escalation(self) -> Step:
        """Who is asked when a step's time is over: any one of them answers for the step."""
        return Step("Escalation", self.escalate_groups, self.escalate_users, hours=self.escalate_hours)

    @property
    def longest(self) -> timedelta | None:
        """The time that all steps take at the most; None where one has no time of its own."""
        hours = [step.hours for step in self.steps]
        if None in hours:
            return None
        total = sum(hour for hour in hours if hour is not None)
        if self.at_deadline == AtDeadline.ESCALATE:
            total += (self.escalate_hours or 0) * len(hours)
        return timedelta(hours=total)

    def as_json(self) -> dict[str, Any]:
        """Return JSON values that ``of`` reads."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "PolicyTerms":
        """Read what ``as_json`` wrote."""
        values = dict(stored)
        for name in ("escalate_groups", "escalate_users"):
            values[name] = tuple(values[name])
        if values.get("remind") is not None:
            values["remind"] = tuple(values["remind"])
        values["steps"] = tuple(_step(step) for step in values["steps"])
        return cls(**values | {"at_deadline": AtDeadline(values["at_deadline"])})


def _step(stored: Mapping[str, Any]) -> Step:
    values = dict(stored)
    for name in ("groups", "users"):
        values[name] = tuple(values[name])
    return Step(**values | {"needed": Needed(values["needed"])})

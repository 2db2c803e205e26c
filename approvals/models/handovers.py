"""Places of a step that went to somebody else, and people who were added to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import override

from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.models.mirror import ApprovalRequest
from approvals.models.people import User


class Handover(models.Model):
    """Somebody was asked instead of others, or as well, within whom the workflow asks."""

    class Kind(models.TextChoices):
        """What was done."""

        ALONE = "alone", _("Put to one person")
        PLACE = "place", _("Place handed over")
        ADDED = "added", _("Asked as well")

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="handovers")
    step = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    giver = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text=_("Whose place it was."))
    taker = models.ForeignKey(User, models.PROTECT, related_name="+")
    seats = models.JSONField(default=list, help_text=_("What the place can count for in the step."))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(auto_now_add=True)

    @override
    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.taker}"


@dataclass
class Places:
    """What the handovers of one step come to."""

    alone: str = ""
    out: dict[str, str] = field(default_factory=dict)
    given: dict[str, frozenset[str]] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, handovers: Iterable[Handover]) -> "Places":
        """Read them in their order: a place may go on, and come back."""
        places = cls()
        for each in handovers:
            taker = each.taker.username
            if each.kind == Handover.Kind.ADDED:
                places.added.add(taker)
            elif each.kind == Handover.Kind.ALONE:
                places.alone = taker
            elif each.giver is not None:
                places.given.pop(each.giver.username, None)
                places.out[each.giver.username] = taker
                places.out.pop(taker, None)
                places.given[taker] = frozenset(each.seats)
        return places

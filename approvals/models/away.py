"""Who is away, from when until when, and who answers for them meanwhile."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self, override

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from approvals.models.people import User

# What people are told when an absence has come to its end by itself.
OVER = "over"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Questions about absences."""

    def in_force(self, now: datetime) -> Self:
        """Those that hold at this moment."""
        return self.not_over(now).filter(starts_at__lte=now)

    def not_over(self, now: datetime) -> Self:
        """Those that hold, or will."""
        return self.filter(until__gt=now, ended_at=None)

    def covering(self, workflow: str) -> Self:
        """Those that are for this workflow."""
        return self.filter(Q(workflows="|") | Q(workflows__contains=f"|{workflow}|"))

    def meeting(self, other: "Absence") -> "list[Absence]":
        """Those of other rows that share a moment and a workflow with it, earliest first."""
        near = self.filter(starts_at__lt=other.until, until__gt=other.starts_at, ended_at=None).exclude(pk=other.pk)
        found = near.select_related("person", "deputy").order_by("starts_at", "id")
        return [one for one in found if one.shares_workflow(other)]


class Absence(models.Model):
    """Somebody is away, and their deputy answers for them: from ``starts_at`` on, and no more at ``until``.

    Rows stay as a record. One that has begun may only be ended; what is to come may be changed or taken back.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(User, models.PROTECT, related_name="deputyships")
    starts_at = models.DateTimeField()
    until = models.DateTimeField(help_text=gettext_lazy("The first moment at which they are back."))
    workflows = models.TextField(default="|", help_text=gettext_lazy("As |name|name|; | alone means all of them."))
    reason = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, help_text=gettext_lazy("When it was ended early, or taken back."))

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("absence")
        verbose_name_plural = gettext_lazy("absences")
        indexes = [
            models.Index(fields=["person", "until"], name="absences_of_person", condition=Q(ended_at=None)),
            models.Index(fields=["deputy", "until"], name="absences_of_deputy", condition=Q(ended_at=None)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("until")), name="absence_begins_before_it_ends"),
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="nobody_is_their_own_deputy"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.deputy.username} for {self.person.username}, {self.starts_at:%Y-%m-%d} to {self.until:%Y-%m-%d}"

    @property
    def only(self) -> tuple[str, ...]:
        """The workflows that it is for; none means all."""
        return tuple(filter(None, self.workflows.split("|")))

    @only.setter
    def only(self, names: Iterable[str]) -> None:
        self.workflows = "|" + "".join(f"{name}|" for name in sorted(set(names)))

    def holds(self, workflow: str, now: datetime) -> bool:
        """Whether the deputy answers requests of this workflow at this moment."""
        in_time = self.ended_at is None and self.starts_at <= now < self.until
        return in_time and (not self.only or workflow in self.only)

    def shares_workflow(self, other: "Absence") -> bool:
        """Whether both are for one workflow at least."""
        return not self.only or not other.only or not set(self.only).isdisjoint(other.only)

    def state(self, now: datetime) -> str:
        """``coming``, ``running``, ``over``, ``ended`` (early) or ``withdrawn`` (before it began)."""
        if self.ended_at is not None:
            return "ended" if self.ended_at > self.starts_at else "withdrawn"
        if now < self.starts_at:
            return "coming"
        return "running" if now < self.until else "over"

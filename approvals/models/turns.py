"""Which requests wait, and for whom: what bars a person, and what they answer for somebody who is away."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When

if TYPE_CHECKING:
    from approvals.models.mirror import ApprovalRequest


@dataclass(frozen=True)
class Scope:
    """What somebody answers for a person who is away: requests put to one of that person's audiences."""

    username: str
    audiences: tuple[int, ...]
    workflows: tuple[str, ...] = ()
    """None named means all."""

    def holds(self, row: "ApprovalRequest") -> bool:
        """Whether a row of the queue is of it."""
        in_turn = row.waits_for_id is None or row.waits_for_id in self.audiences
        return in_turn and row.audience_id in self.audiences and (not self.workflows or row.workflow in self.workflows)


class TurnQuerySet(models.QuerySet["ApprovalRequest"]):
    """Questions about whose turn it is."""

    # What waits is found by whose turn it is; what is past, by whom it was put to.
    _is_open = False

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc] # every queryset has it, django-stubs leaves it out
        copy._is_open = self._is_open
        return copy

    def pending(self) -> Self:
        """Pending in the mirror, decided here already or not; found by whose turn it is."""
        found = self.filter(status="pending")
        found._is_open = True
        return found

    def open(self) -> Self:
        """Still waiting: pending in the mirror, and no decision recorded here."""
        from approvals.models.people import Decision

        return self.pending().filter(_none(Decision.objects.filter(request=OuterRef("pk"))))

    def not_barred_for(self, username: str) -> Self:
        """Those that the person neither asked for, nor is excluded from by either layer, nor that have their answer.

        A revision put to the requester by name is theirs to answer.
        """
        from approvals.models.effective import EffectivePolicy
        from approvals.models.mirror import AudienceMember
        from approvals.models.people import Vote

        named_as = f"|{username}|"
        by_policy = Q(excluded__icontains=named_as) | Q(handed_over__icontains=named_as)
        barred = EffectivePolicy.objects.filter(by_policy, request=OuterRef("pk"))
        # Two questions, each of which has its index; as one with "or" neither would be used.
        voted = Vote.objects.filter(request=OuterRef("pk"), voter__username=username)
        by_deputy = Vote.objects.filter(request=OuterRef("pk"), for_person__username=username)
        named = AudienceMember.objects.filter(audience=OuterRef("audience_id"), principal=f"user:{username}")
        own_revision = Q(kind="revision", requester=username) & Q(Exists(named))
        others = self.filter(~Q(requester__iexact=username) | own_revision)
        free = others.exclude(excluded__icontains=f"|{username}|")
        return free.filter(_none(barred), _none(voted), _none(by_deputy))

    def of_scope(self, scope: Scope) -> Self:
        """Those that a deputy answers for somebody: where something waits, what bars that person bars the deputy too.

        A new version of what that person asked for is theirs alone to make.
        """
        rows = self.filter(workflow__in=scope.workflows) if scope.workflows else self
        if not rows._is_open:
            return rows
        return rows.not_barred_for(scope.username).exclude(requester__iexact=scope.username)


def _none(rows: "models.QuerySet[Any]") -> Case:
    """Whether there are none of these rows, asked of each request while an order is walked.

    As a plain ``NOT EXISTS`` PostgreSQL joins the tables: it takes a waiting request to be answered as often as any
    other, so it expects hardly one to remain, and reads and sorts all that wait instead of the first few.
    """
    found = When(Exists(rows), then=Value(value=False))
    return Case(found, default=Value(value=True), output_field=models.BooleanField())

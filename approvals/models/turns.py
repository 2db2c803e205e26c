"""Which requests wait, and for whom: what bars a person, and what they answer for somebody who is away."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.db import connections, models
from django.db.models import Q, Value

from approvals.models.elsewhere import exists, none

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
        return self.pending().filter(none("approvals_decision d WHERE d.request_id = {}", "pk"))

    def not_barred_for(self, username: str) -> Self:
        """Those that the person neither asked for, nor is excluded from by either layer, nor that have their answer.

        A revision put to the requester by name is theirs to answer.
        """
        named_as, name = f"|{username}|", Value(username)
        like = Value(f"%{connections[self.db].ops.prep_for_like_query(named_as)}%")
        barred = none(
            "approvals_effectivepolicy p WHERE p.request_id = {} AND (UPPER(p.excluded) LIKE UPPER({}) ESCAPE '\\'"
            " OR UPPER(p.handed_over) LIKE UPPER({}) ESCAPE '\\')", "pk", like, like
        )  # fmt: skip
        # Two questions, each of which has its index; as one with "or" neither would be used.
        voted = (
            "approvals_vote v JOIN approvals_user u ON u.id = v.voter_id WHERE v.request_id = {} AND u.username = {}"
        )
        by_deputy = voted.replace("v.voter_id", "v.for_person_id")
        named = exists(
            "approvals_audiencemember m WHERE m.audience_id = {} AND m.principal = {}",
            "audience_id", Value(f"user:{username}"),
        )  # fmt: skip
        own_revision = Q(kind="revision", requester=username) & Q(named)
        others = self.filter(~Q(requester__iexact=username) | own_revision)
        free = others.exclude(excluded__icontains=named_as)
        return free.filter(barred, none(voted, "pk", name), none(by_deputy, "pk", name))

    def of_scope(self, scope: Scope) -> Self:
        """Those that a deputy answers for somebody: where something waits, what bars that person bars the deputy too.

        A new version of what that person asked for is theirs alone to make.
        """
        rows = self.filter(workflow__in=scope.workflows) if scope.workflows else self
        if not rows._is_open:
            return rows
        return rows.not_barred_for(scope.username).exclude(requester__iexact=scope.username)

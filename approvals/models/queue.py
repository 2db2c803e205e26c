"""The queue's questions: what waits, for whom, in which order, one keyset page at a time.

Each page costs one bounded index range per audience, whatever the size of the table; there is no COUNT and no OFFSET.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from itertools import batched, chain
from typing import TYPE_CHECKING, Any, Self

from django.db import connections, models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

if TYPE_CHECKING:
    from approvals.models.mirror import ApprovalRequest
    from approvals.models.people import User

PAGE = 50
# Audiences of one statement: SQLite joins at most 500 SELECTs, and a queue by deadline takes two for each.
PARTS = 200
# Decisions that close a request instead of answering it.
CLOSINGS = ("withdrawn", "cancelled")
WIDE = ("details", "attachments", "events", "policy", "response_schema", "options", "summary", "run_arn")


class Order(Enum):
    """The orders that an index serves."""

    DEADLINE = "deadline"
    NEWEST = "newest"


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: the last row's place in the order."""

    at: datetime
    pk: int


@dataclass(frozen=True)
class Page[Row]:
    """Rows of one page, and whether more follow."""

    rows: list[Row] = field(default_factory=list)
    more: bool = False


class RequestQuerySet(models.QuerySet["ApprovalRequest"]):
    """Questions about requests."""

    def open(self) -> Self:
        """Still waiting: pending in the mirror, and no decision recorded here."""
        from approvals.models.people import Decision

        return self.filter(status="pending").exclude(Exists(Decision.objects.filter(request=OuterRef("pk"))))

    def not_barred_for(self, username: str) -> Self:
        """Those that the person neither asked for, nor is excluded from by either layer, nor has voted on.

        A revision put to the requester by name is theirs to answer.
        """
        from approvals.models.effective import EffectivePolicy
        from approvals.models.mirror import AudienceMember
        from approvals.models.people import Vote

        named_as = f"|{username}|"
        by_policy = Q(excluded__icontains=named_as) | Q(handed_over__icontains=named_as)
        barred = EffectivePolicy.objects.filter(by_policy, request=OuterRef("pk"))
        voted = Vote.objects.filter(request=OuterRef("pk"), voter__username=username)
        named = AudienceMember.objects.filter(audience=OuterRef("audience_id"), principal=f"user:{username}")
        own_revision = Q(kind="revision", requester=username) & Q(Exists(named))
        others = self.filter(~Q(requester__iexact=username) | own_revision)
        return others.exclude(excluded__icontains=f"|{username}|").exclude(Exists(barred)).exclude(Exists(voted))

    def matching(self, text: str) -> Self:
        """Those whose title, id or requester holds the text."""
        if not text:
            return self
        return self.filter(Q(title__icontains=text) | Q(run_name__icontains=text) | Q(requester__icontains=text))

    def for_list(self) -> Self:
        """With what a list shows besides: the requester's name, and whether a decision is recorded here.

        The wide columns stay behind: a list does not show them, and reading them costs more than all the rest.
        """
        from approvals.models.claims import Claim
        from approvals.models.people import Decision, User

        held = Claim.objects.live(timezone.now()).filter(request=OuterRef("pk")).order_by("-id")
        requester = User.objects.filter(username=OuterRef("requester"))
        return self.defer(*WIDE).annotate(
            requester_first=Subquery(requester.values("first_name")[:1]),
            requester_last=Subquery(requester.values("last_name")[:1]),
            is_decided=Exists(Decision.objects.filter(request=OuterRef("pk"))),
            held_by=Subquery(held.values("holder__username")[:1]),
        )

    def in_order(self, order: Order, after: Cursor | None = None) -> Self:
        """Sorted, from just behind the cursor on. By deadline means the pending ones only."""
        if order is Order.DEADLINE:
            rows = self.filter(status="pending").order_by("expires_at", "id")
            if after:
                behind = Q(expires_at__gt=after.at) | Q(expires_at=after.at, id__gt=after.pk)
                rows = rows.filter(behind, expires_at__gte=after.at)
            return rows
        rows = self.order_by("-created_at", "-id")
        if after:
            behind = Q(created_at__lt=after.at) | Q(created_at=after.at, id__lt=after.pk)
            rows = rows.filter(behind, created_at__lte=after.at)
        return rows

    def page(self, order: Order, after: Cursor | None = None, size: int = PAGE) -> "Page[ApprovalRequest]":
        """One page of this queryset."""
        return cut(list(self.for_list().in_order(order, after)[: size + 1]), size)

    def page_of_audiences(
        self, audiences: Iterable[int], order: Order, after: Cursor | None = None, size: int = PAGE
    ) -> "Page[ApprovalRequest]":
        """One page of those put to any of the audiences: bounded ranges for each audience, merged.

        By deadline it is those whose turn the audiences' is: where a policy of the portal refines who is asked, its
        audience and the workflow's must both be among them. A plain ``audience IN (…)`` would sort every match or walk
        past every other row.
        """
        ids = self._candidates(audiences, order, after, size)
        found = type(self)(self.model, using=self.db).for_list().filter(pk__in=ids)
        rows = sorted(
            found,
            key=lambda row: (row.expires_at, row.pk) if order is Order.DEADLINE else (row.created_at, row.pk),
        )
        if order is Order.NEWEST:
            rows.reverse()
        return cut(rows, size)

    def page_answered_by(self, user: "User", after: Cursor | None = None, size: int = PAGE) -> "Page[ApprovalRequest]":
        """One page of those that the person voted on or closed, latest answer first; rows carry ``answered_at``.

        Walks the person's own votes and closings: by the requests' age, an old answer would lie behind a whole table.
        """
        closed = Q(recorded__decided_by=user, recorded__choice__in=CLOSINGS)
        ways = ((Q(votes__voter=user), "votes__created_at"), (closed, "recorded__decided_at"))
        places: list[tuple[datetime, int]] = []
        for mine, at in ways:
            # One filter() call: a second one would join other votes.
            behind = Q(**{f"{at}__lt": after.at}) | Q(**{at: after.at, "pk__lt": after.pk}) if after else Q()
            rows = self.filter(mine, behind) if mine is closed else self.filter(mine, behind).exclude(closed)
            places += rows.order_by(f"-{at}", "-pk").values_list(at, "pk")[: size + 1]
        places = heapq.nlargest(size + 1, places)
        found = type(self)(self.model, using=self.db).for_list().in_bulk([pk for _, pk in places])
        for answered_at, pk in places:
            found[pk].answered_at = answered_at
        return cut([found[pk] for _, pk in places], size)

    def count_of_audiences(self, audiences: Iterable[int], most: int) -> int:
        """How many pending ones are put to any of the audiences, counting no further than ``most``."""
        return len(self._candidates(audiences, Order.DEADLINE, None, most - 1))

    def _candidates(self, audiences: Iterable[int], order: Order, after: Cursor | None, size: int) -> list[int]:
        """Ids of the first rows over all audiences; only places and ids are read, the rows of one page later."""
        key = "expires_at" if order is Order.DEADLINE else "created_at"
        first = heapq.nsmallest if order is Order.DEADLINE else heapq.nlargest
        best: list[tuple[Any, int]] = []
        listed = list(audiences)
        for some in batched(listed, PARTS, strict=False):
            parts = [
                part.in_order(order, after).values_list(key, "id")[: size + 1]
                for audience in some
                for part in self._put_to(audience, listed, order)
            ]
            best = first(size + 1, chain(best, self._union(parts)))
        return [pk for _, pk in best]

    def _put_to(self, audience: int, floor: list[int], order: Order) -> list[Self]:
        if order is Order.NEWEST:
            return [self.filter(audience=audience)]
        unrefined = self.filter(audience=audience, waits_for__isnull=True)
        return [unrefined, self.filter(waits_for=audience, audience__in=floor)]

    def _union(self, parts: list[Any]) -> list[tuple[Any, int]]:
        # Each part keeps its own LIMIT inside brackets, which SQLite only takes as a derived table.
        selects, params = [], []
        for number, part in enumerate(parts):
            sql, values = part.query.sql_with_params()
            selects.append(f"SELECT * FROM ({sql}) AS part{number}")  # noqa: S608 (Django wrote the inner query)
            params.extend(values)
        with connections[self.db].cursor() as cursor:
            cursor.execute(" UNION ALL ".join(selects), params)
            return list(cursor.fetchall())


def cut[Row](rows: list[Row], size: int) -> Page[Row]:
    """Make a page of rows read with one more than it shows: the extra row says that there is a next page."""
    return Page(rows[:size], len(rows) > size)

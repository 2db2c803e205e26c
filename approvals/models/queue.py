"""The queue's questions: what waits, for whom, in which order, one keyset page at a time.

Each page costs one bounded index range per audience, whatever the size of the table; there is no COUNT and no OFFSET.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Any, Self

from django.db import connections
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from approvals.models.elsewhere import Elsewhere, exists, listed
from approvals.models.pages import PAGE, Cursor, Order, Page, Place, cut
from approvals.models.places import Part, each, for_each, union, written
from approvals.models.turns import Scope, TurnQuerySet

if TYPE_CHECKING:
    from approvals.models.mirror import ApprovalRequest
    from approvals.models.people import User

# Requests that are enough to know which stages there are.
NEWEST = 1000
# Ranges of one statement: SQLite joins at most 500 SELECTs.
PARTS = 400
# So many audiences PostgreSQL is given one by one, so that it knows how many there are.
FEW = 40
# Decisions that close a request instead of answering it.
CLOSINGS = ("withdrawn", "cancelled")
# Until when those asked now have time: ``ApprovalRequest.answer_by`` of a row that waits, as indexes hold it. Made anew
# in every question rather than stored: the mirror writes the one column, policies the other. (Of a NULL, SQLite's least
# is NULL.)
ANSWER_BY = Coalesce(Least("waits_until", "expires_at"), "expires_at")
WIDE = ("details", "attachments", "events", "policy", "response_schema", "summary", "run_arn")


class RequestQuerySet(TurnQuerySet):
    """Questions about requests."""

    def settled_at_stage(self, workflow: str, stage: str) -> Self:
        """Those of a workflow's stage that are settled, latest first: one range of an index."""
        stages = self.filter(workflow=workflow, stage=stage, settled_at__isnull=False)
        return stages.order_by("-settled_at", "-id")

    def stages_seen(self, workflow: str = "") -> list[str]:
        """The stages that the newest requests of a workflow, or of all, ask policies about, in order."""
        asked = (self.filter(workflow=workflow) if workflow else self).exclude(kind="revision")
        return sorted(set(asked.order_by("-created_at", "-id").values_list("stage", flat=True)[:NEWEST]))

    def for_list(self, reader: "User | None" = None) -> Self:
        """With what a list shows besides: the requester's name, whether a decision is recorded here, and whether the
        reader has opened it.

        The wide columns stay behind: a list does not show them, and reading them costs more than all the rest.
        """
        from approvals.models.claims import Claim

        held = Claim.objects.live(timezone.now()).filter(request=OuterRef("pk")).order_by("-id")
        is_read: Any = Value(True)
        if reader is not None:
            mark = "approvals_readmark m WHERE m.request_id = {} AND m.reader_id = {} AND m.content_digest = {}"
            is_read = exists(mark, "pk", Value(reader.pk), "content_digest")
        return self.defer(*WIDE).annotate(
            requester_first=_of_requester("first_name"),
            requester_last=_of_requester("last_name"),
            is_decided=exists("approvals_decision d WHERE d.request_id = {}", "pk"),
            is_read=is_read,
            held_by=Subquery(held.values("holder__username")[:1]),
        )

    def still_open(self, now: datetime) -> Self:
        """Those whose workflow still waits by the clock, whatever a step's own time says."""
        # Not the bare column: most of a table is past, so PostgreSQL would believe that next to nothing is left of what
        # waits, and sort it all instead of walking along the order's index.
        return self.alias(ends=Greatest(ANSWER_BY, "expires_at")).filter(ends__gt=now)

    def due(self, until: datetime, *, after: datetime | None = None) -> Self:
        """Those that wait, and whose time to answer ends by then; later than ``after``, where that is given."""
        ending = self.filter(status="pending").alias(answer_by=ANSWER_BY).filter(answer_by__lte=until)
        return ending.filter(answer_by__gt=after) if after else ending

    def for_bulk(self) -> Self:
        """With what a preview of many shows and a policy asks."""
        return self.defer("details", "attachments", "events", "summary", "run_arn", "decision")

    def in_order(self, order: Order, after: Cursor | None = None) -> Self:
        """Sorted, from just behind the cursor on."""
        name, way = order.field, "lt" if order.is_descending else "gt"
        rows = self
        if order is Order.DEADLINE:
            rows = rows.filter(status="pending").alias(answer_by=ANSWER_BY)
        if order is Order.AMOUNT:
            rows = rows.filter(status="pending", amount__isnull=False)
        if after:
            behind = Q(**{f"{name}__{way}": after.at}) | Q(**{name: after.at, f"id__{way}": after.pk})
            rows = rows.filter(behind, **{f"{name}__{way}e": after.at})
        sign = "-" if order.is_descending else ""
        return rows.order_by(f"{sign}{name}", f"{sign}id")

    def page(
        self, order: Order, after: Cursor | None = None, size: int = PAGE, reader: "User | None" = None
    ) -> "Page[ApprovalRequest]":
        """One page of this queryset."""
        return cut(list(self.for_list(reader).in_order(order, after)[: size + 1]), size)

    def page_of_audiences(
        self,
        audiences: Iterable[int],
        order: Order,
        after: Cursor | None = None,
        size: int = PAGE,
        reader: "User | None" = None,
        *,
        others: Sequence[Scope] = (),
    ) -> "Page[ApprovalRequest]":
        """One page of those put to any of the audiences, or of the scopes of ``others``: bounded ranges, merged.

        Of what waits it is those whose turn the audiences' is: where a policy of the portal refines who is asked, its
        audience and the workflow's must both be among them. A plain ``audience IN (…)`` would sort every match or walk
        past every other row.
        """
        parts = self._all_parts(list(audiences), others, order, after, size + 1)
        if not parts:
            return Page()
        if len(parts) > PARTS:
            ids: Any = self._merged(parts, order, size + 1)
        else:
            ids = self._first_ids(parts, order, size + 1, once=bool(others))
        found = self.unnarrowed().for_list(reader).filter(pk__in=ids)
        rows = sorted(found, key=lambda row: (getattr(row, order.field), row.pk), reverse=order.is_descending)
        return cut(rows, size)

    def ids(self, order: Order, after: Cursor | None, most: int) -> list[int]:
        """The first ids of this queryset behind the cursor; the rows themselves are not read."""
        return list(self.in_order(order, after).values_list("id", flat=True)[:most])

    def ids_of_audiences(
        self,
        audiences: Iterable[int],
        order: Order,
        after: Cursor | None,
        most: int,
        others: Sequence[Scope] = (),
    ) -> list[int]:
        """The first ids over all audiences and scopes, each once."""
        parts = self._all_parts(list(audiences), others, order, after, most)
        if len(parts) > PARTS:
            return self._merged(parts, order, most)
        # Merged by the database: of each part as many places as of the whole would have to be read here.
        first = self._first_ids(parts, order, most, once=bool(others))
        if isinstance(first, list):
            return first
        with connections[self.db].cursor() as cursor:
            cursor.execute(first.sql, first.params)
            return [pk for (pk,) in cursor.fetchall()]

    def _merged(self, parts: list[Any], order: Order, most: int) -> list[int]:
        best: list[Place] = []
        for some in batched(parts, PARTS, strict=False):
            best = order.first(most, {*best, *self._places(some)})
        return [pk for _, pk in best]

    def page_answered_by(self, user: "User", after: Cursor | None = None, size: int = PAGE) -> "Page[ApprovalRequest]":
        """One page of those that the person voted on or closed, latest answer first; rows carry ``answered_at``.

        Walks the person's own votes and closings: by the requests' age, an old answer would lie behind a whole table.
        """
        ids = self._first_ids(self._answered(user, after, size + 1), Order.NEWEST, size + 1)
        found = self.unnarrowed().for_list().filter(pk__in=ids)
        found = found.annotate(answered_at=when_answered(user))
        return cut(sorted(found, key=lambda row: (row.answered_at, row.pk), reverse=True), size)

    def ids_answered_by(self, user: "User", after: Cursor | None, most: int) -> list[int]:
        """The ids of the latest that the person voted on or closed."""
        return [pk for _, pk in Order.NEWEST.first(most, self._places(self._answered(user, after, most)))]

    def among(self, ids: Sequence[int]) -> Self:
        """Those of these requests."""
        return self.filter(pk__in=listed(ids, self.db))

    def unnarrowed(self) -> Self:
        """All requests, on the same database: for rows that are named by id after this queryset has chosen them."""
        return type(self)(self.model, using=self.db)

    def count_of_audiences(self, audiences: Iterable[int], most: int, others: Sequence[Scope] = ()) -> int:
        """How many pending ones are put to any of the audiences, counting no further than ``most``."""
        return len(self.ids_of_audiences(audiences, Order.DEADLINE, None, most, others))

    def _all_parts(
        self, audiences: list[int], others: Sequence[Scope], order: Order, after: Cursor | None, most: int
    ) -> list[Part]:
        parts = list(self._parts(audiences, frozenset(), order, after, most))
        for scope in others:
            # What is put to the deputy anyway is theirs already, but for whose turn it is.
            parts += self.of_scope(scope)._parts(list(scope.audiences), frozenset(audiences), order, after, most)
        return parts

    def _parts(
        self, audiences: list[int], known: frozenset[int], order: Order, after: Cursor | None, most: int
    ) -> Iterator[Part]:
        for rows, asked in self._put_to(audiences, known, order):
            for part in written(rows.in_order(order, after), order.field, most) if asked else ():
                yield from for_each(asked, part)

    def put_to_any(self, audiences: Sequence[int], order: Order) -> Self:
        """Those that the ranges of these audiences hold, for rows that are few and found otherwise."""
        rows = self.filter(audience__in=audiences)
        if not self._is_open and order in {Order.NEWEST, Order.OLDEST}:
            return rows
        return rows.filter(Q(waits_for__isnull=True) | Q(waits_for__in=audiences))

    def _put_to(self, audiences: list[int], known: frozenset[int], order: Order) -> list[tuple[Self, list[int]]]:
        """The ranges of ``each`` audience, and the audiences to read each of them for."""
        fresh = [one for one in audiences if one not in known]
        if not self._is_open and order in {Order.NEWEST, Order.OLDEST}:
            return [(self.filter(audience=each()), fresh)]
        refined = self.filter(waits_for=each())._of_floor(audiences)
        return [(self.filter(audience=each(), waits_for__isnull=True), fresh), (refined, audiences)]

    def _of_floor(self, audiences: list[int]) -> Self:
        if connections[self.db].vendor != "sqlite":
            # Each part of a statement names all of them: many are one parameter.
            return self.filter(audience__in=audiences if len(audiences) <= FEW else listed(audiences, self.db))
        # A sum is in no index. SQLite takes all audiences to be of one size, and would rather gather and sort all that
        # is put to these than walk along whose turn it is.
        floor = ExpressionWrapper(F("audience") + 0, BigIntegerField())
        return self.alias(floor=floor).filter(floor__in=listed(audiences, self.db))

    def _answered(self, user: "User", after: Cursor | None, most: int) -> list[Part]:
        closed = Q(recorded__decided_by=user, recorded__choice__in=CLOSINGS)
        ways = ((Q(votes__voter=user), "votes__created_at"), (closed, "recorded__decided_at"))
        parts: list[Part] = []
        for mine, at in ways:
            # One filter() call: a second one would join other votes.
            behind = Q(**{f"{at}__lt": after.at}) | Q(**{at: after.at, "pk__lt": after.pk}) if after else Q()
            rows = self.filter(mine, behind) if mine is closed else self.filter(mine, behind).exclude(closed)
            parts += written(rows.order_by(f"-{at}", "-pk"), at, most)
        return parts

    def _first_ids(self, parts: list[Part], order: Order, most: int, *, once: bool = False) -> RawSQL | list[int]:
        """The ids of the first rows over all parts, as a subquery; ``once`` where a row may be in several."""
        if not parts:
            return []
        sql, params = union(parts, " UNION " if once else " UNION ALL ")
        way = "DESC" if order.is_descending else "ASC"
        # Django and this class wrote all of it; values are parameters.
        first = f"SELECT id FROM ({sql}) AS places ORDER BY place {way}, id {way} LIMIT {most:d}"  # noqa: S608
        return RawSQL(first, params)  # noqa: S611

    def _places(self, parts: Sequence[Part]) -> "list[Place]":
        if not parts:
            return []
        with connections[self.db].cursor() as cursor:
            cursor.execute(*union(parts))
            return list(cursor.fetchall())


def _of_requester(column: str) -> Elsewhere:
    sql = f"(SELECT u.{column} FROM approvals_user u WHERE u.username = {{}})"  # noqa: S608 (ours)
    return Elsewhere(sql, "requester", output_field=CharField())


def when_answered(user: "User") -> Case:
    """When the person closed or voted on a request, as an expression."""
    from approvals.models.people import Decision, Vote

    closed = Decision.objects.filter(request=OuterRef("pk"), decided_by=user, choice__in=CLOSINGS)
    voted = Vote.objects.filter(request=OuterRef("pk"), voter=user)
    return Case(
        When(Exists(closed), then=Subquery(closed.values("decided_at")[:1])),
        default=Subquery(voted.values("created_at")[:1]),
    )

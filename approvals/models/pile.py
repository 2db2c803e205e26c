"""A pile: the requests of one view of the queue, in its order, with what was searched for."""

from dataclasses import dataclass
from functools import cached_property

from approvals.models.mirror import ApprovalRequest
from approvals.models.pages import Cursor, Order, Page, cut
from approvals.models.people import User
from approvals.models.queue import RequestQuerySet
from approvals.models.search import MOST_HITS, SearchLine
from approvals.models.turns import Scope

# So many places are looked at for the words before the index is asked: common words are found among them, and the
# index would have to gather all that hold them. Where the first places promise a page among some more, so many at most.
NEAR, FAR = 250, 2500


@dataclass(frozen=True)
class Pile:
    """Requests narrowed by filters, and put to some audiences (None: all) or answered by a person.

    ``others`` are what the reader answers for people who are away, besides the audiences.

    ``words`` are searched for; ``is_waiting`` says that all of the pile wait, which makes a search quicker. ``ranges``
    are the requests by their indexed conditions alone, and perhaps some more than ``requests``: a search looks for
    words there first, and asks the rest, which costs more, of what holds them.
    Rows tell whether the ``reader`` has opened them.
    """

    requests: RequestQuerySet
    order: Order
    audiences: tuple[int, ...] | None = None
    others: tuple[Scope, ...] = ()
    answered_by: User | None = None
    words: tuple[str, ...] = ()
    is_waiting: bool = False
    reader: User | None = None
    ranges: RequestQuerySet | None = None

    def page(self, after: Cursor | None, size: int) -> Page[ApprovalRequest]:
        """One page behind the cursor."""
        if self.words:
            return self._page_found(after, size)
        if self.answered_by is not None:
            return self.requests.page_answered_by(self.answered_by, after, size)
        if self.audiences is None:
            return self.requests.page(self.order, after, size, self.reader)
        return self.requests.page_of_audiences(self.audiences, self.order, after, size, self.reader, others=self.others)

    def _page_found(self, after: Cursor | None, size: int) -> Page[ApprovalRequest]:
        # Ids first: what a list shows besides is looked up for the rows of one page, not for all that fit.
        ids = self.ids(after, size + 1)
        if not ids:
            return Page()
        if self.answered_by is not None:
            return self.requests.filter(pk__in=ids).page_answered_by(self.answered_by, None, size)
        found = self.requests.unnarrowed().for_list(self.reader).in_bulk(ids)
        return cut([found[pk] for pk in ids], size)

    def ids(self, after: Cursor | None, most: int) -> list[int]:
        """The first ids behind the cursor."""
        if self.words:
            return self._found(after, most)
        if self.answered_by is not None:
            return self.requests.ids_answered_by(self.answered_by, after, most)
        if self.audiences is None:
            return self.requests.ids(self.order, after, most)
        return self.requests.ids_of_audiences(self.audiences, self.order, after, most, self.others)

    @property
    def is_cut(self) -> bool:
        """Whether more fit than are listed, so that only the newest are; known once a page was read."""
        return len(self.__dict__.get("_hits", ())) > MOST_HITS

    def _found(self, after: Cursor | None, most: int) -> list[int]:
        """The first ids behind the cursor that hold the words."""
        places = self._walk(after, NEAR)
        held = self._holding(places)
        if len(places) < NEAR or len(held) >= most:
            fitting = self._first_fitting(held, most)
            if len(places) < NEAR or len(fitting) >= most:
                return fitting
        elif held and (far := NEAR * 2 * most // len(held)) <= FAR:
            # One of so many holds them: twice as many as that takes are sooner walked than all hits sorted.
            further = self._walk(after, far)
            held += self._holding(further[NEAR:])
            fitting = self._first_fitting(held, most)
            if len(further) < far or len(fitting) >= most:
                return fitting
        return self._of_index(after, most)

    def _walk(self, after: Cursor | None, most: int) -> list[int]:
        """The first places of the pile, in its order, perhaps with some that do not belong to it."""
        if self.answered_by is not None:
            return self.requests.ids_answered_by(self.answered_by, after, most)
        rows = self.requests if self.ranges is None else self.ranges
        if self.audiences is None:
            return rows.ids(self.order, after, most)
        return rows.ids_of_audiences(self._put_to, self.order, after, most)

    def _holding(self, places: list[int]) -> list[int]:
        found = set(SearchLine.objects.among(places).holding(self.words).values_list("pk", flat=True)) if places else ()
        return [one for one in places if one in found]

    def _of_index(self, after: Cursor | None, most: int) -> list[int]:
        hits = self._hits[:MOST_HITS]
        if self.answered_by is not None:
            return self.requests.filter(pk__in=hits).ids_answered_by(self.answered_by, after, most)
        rows = (self.requests if self.ranges is None else self.ranges).filter(pk__in=hits)
        if self.audiences is not None:
            # Rows by their ids are sorted sooner than merged from a range for each audience.
            rows = rows.put_to_any(self._put_to, self.order)
        return self._first_fitting(rows.ids(self.order, after, len(hits)) if hits else [], most)

    def _first_fitting(self, held: list[int], most: int) -> list[int]:
        """Ask of requests in the pile's order whether they belong to it, until there are enough."""
        fitting: list[int] = []
        while held and len(fitting) < most:
            some, held = held[: 2 * most], held[2 * most :]
            rows = self.requests.filter(pk__in=some)
            if self.audiences is None or self.answered_by is not None:
                belonging = set(rows.values_list("pk", flat=True))
            elif self.others:
                belonging = set(rows.ids_of_audiences(self.audiences, self.order, None, len(some), self.others))
            else:
                belonging = set(rows.put_to_any(self.audiences, self.order).values_list("pk", flat=True))
            fitting += [one for one in some if one in belonging]
        return fitting[:most]

    @cached_property
    def _put_to(self) -> tuple[int, ...]:
        more = (one for scope in self.others for one in scope.audiences)
        return tuple(dict.fromkeys((*(self.audiences or ()), *more)))

    @cached_property
    def _hits(self) -> list[int]:
        put_to = None if self.audiences is None else self._put_to
        return SearchLine.objects.hits(self.words, put_to, pending=self.is_waiting)

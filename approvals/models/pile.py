"""A pile: the requests of one view of the queue, in its order, with what was searched for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from approvals.models.mirror import ApprovalRequest
from approvals.models.pages import Cursor, Order, Page, cut
from approvals.models.people import User
from approvals.models.queue import RequestQuerySet
from approvals.models.search import MOST_HITS, SearchLine
from approvals.models.turns import Scope

# So many places are looked at for the words before the index is asked: common words are found among them, and the
# index would have to gather all that hold them. Where the first places promise a page among some more, so many at most.
NEAR, FAR = 80, 2500
# So many more requests than a page takes are asked at once whether they belong to the pile.
SPARE = 4

# Reads requests into what is wanted of each, by id.
type Read[Item] = Callable[[RequestQuerySet], dict[int, Item]]


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
    is_cut: bool = field(default=False, init=False)
    """Whether more fit than are listed, so that only the newest are; known once a page was read."""

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
        if self.answered_by is not None:
            # Ids first: what a list shows besides is looked up for the rows of one page, not for all that fit.
            ids = self.ids(after, size + 1)
            return self.requests.among(ids).page_answered_by(self.answered_by, None, size) if ids else Page()
        return cut(self._found(after, size + 1, self._rows), size)

    def ids(self, after: Cursor | None, most: int) -> list[int]:
        """The first ids behind the cursor."""
        if self.words:
            return self._found(after, most, _ids)
        if self.answered_by is not None:
            return self.requests.ids_answered_by(self.answered_by, after, most)
        if self.audiences is None:
            return self.requests.ids(self.order, after, most)
        return self.requests.ids_of_audiences(self.audiences, self.order, after, most, self.others)

    def _found[Item](self, after: Cursor | None, most: int, read: Read[Item]) -> list[Item]:
        """The first requests behind the cursor that hold the words."""
        found, promised = self._near(after, most, read, NEAR)
        if found is None and (promised <= FAR or len(self._hits) > MOST_HITS):
            # One of so many holds them: twice as many as a page takes are sooner walked than all hits sorted, and what
            # is found so is the first of all.
            found, _ = self._near(after, most, read, min(promised, FAR))
        return self._of_index(after, most, read) if found is None else found

    def _near[Item](self, after: Cursor | None, most: int, read: Read[Item], far: int) -> tuple[list[Item] | None, int]:
        """What the first places hold, where that is enough or these are all; else among how many it may be enough."""
        places = self._walk(after, far)
        held = self._holding(places)
        if len(places) < far or len(held) >= most:
            fitting = self._first_fitting(held, most, read)
            return (fitting, far) if len(places) < far or len(fitting) >= most else (None, FAR)
        return None, far * 2 * most // len(held) if held else FAR + 1

    def _walk(self, after: Cursor | None, most: int) -> list[int]:
        """The first places of the pile, in its order, perhaps with some that do not belong to it."""
        if self.answered_by is not None:
            return self.requests.ids_answered_by(self.answered_by, after, most)
        rows = self.requests if self.ranges is None else self.ranges
        if self.audiences is None:
            return rows.ids(self.order, after, most)
        return rows.ids_of_audiences(self._put_to, self.order, after, most)

    def _holding(self, places: list[int]) -> list[int]:
        found = SearchLine.objects.holding(self.words, places)
        return [one for one in places if one in found]

    def _of_index[Item](self, after: Cursor | None, most: int, read: Read[Item]) -> list[Item]:
        hits = self._hits[:MOST_HITS]
        if not hits:
            return []
        object.__setattr__(self, "is_cut", len(self._hits) > MOST_HITS)
        if self.answered_by is not None:
            ids = self.requests.among(hits).ids_answered_by(self.answered_by, after, most)
            return self._first_fitting(ids, most, read)
        if len(hits) <= most + SPARE:
            return list(read(self._belonging(hits).in_order(self.order, after)).values())[:most]
        rows = (self.requests if self.ranges is None else self.ranges).among(hits)
        if self.audiences is not None:
            # Rows by their ids are sorted sooner than merged from a range for each audience.
            rows = rows.put_to_any(self._put_to, self.order)
        return self._first_fitting(rows.ids(self.order, after, len(hits)), most, read)

    def _first_fitting[Item](self, held: list[int], most: int, read: Read[Item]) -> list[Item]:
        """Ask of requests in the pile's order whether they belong to it, and read those, until there are enough."""
        fitting: list[Item] = []
        # Hardly any is barred, so that hardly more are asked than are needed; where many are, ever more.
        asked = most + SPARE
        while held and len(fitting) < most:
            some, held, asked = held[:asked], held[asked:], 2 * asked
            found = read(self._belonging(some))
            fitting += [found[one] for one in some if one in found]
        return fitting[:most]

    def _belonging(self, ids: list[int]) -> RequestQuerySet:
        """Those of these requests that belong to the pile."""
        rows = self.requests.among(ids)
        if self.others:
            put_to = rows.ids_of_audiences(self.audiences or (), self.order, None, len(ids), self.others)
            return self.requests.unnarrowed().among(put_to)
        return rows if self.audiences is None else rows.put_to_any(self.audiences, self.order)

    def _rows(self, requests: RequestQuerySet) -> dict[int, ApprovalRequest]:
        return {row.pk: row for row in requests.for_list(self.reader)}

    @cached_property
    def _put_to(self) -> tuple[int, ...]:
        more = (one for scope in self.others for one in scope.audiences)
        return tuple(dict.fromkeys((*(self.audiences or ()), *more)))

    @cached_property
    def _hits(self) -> list[int]:
        put_to = None if self.audiences is None else self._put_to
        return SearchLine.objects.hits(self.words, put_to, pending=self.is_waiting)


def _ids(requests: RequestQuerySet) -> dict[int, int]:
    return {pk: pk for pk in requests.values_list("pk", flat=True)}

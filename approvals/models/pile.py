"""A pile: the requests of one view of the queue, in its order, with what was searched for."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from approvals.models.mirror import ApprovalRequest
from approvals.models.people import User
from approvals.models.queue import Cursor, Order, Page, RequestQuerySet, cut
from approvals.models.search import MOST_HITS, SearchLine
from approvals.models.turns import Scope

# So many places are looked at for the words before the index is asked: common words are found among them, and the
# index would have to gather all that hold them.
NEAR = 250


@dataclass(frozen=True)
class Pile:
    """Requests narrowed by filters, and put to some audiences (None: all) or answered by a person.

    ``others`` are what the reader answers for people who are away, besides the audiences.

    ``words`` are searched for; ``is_waiting`` says that all of the pile wait, which makes a search quicker.
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
        ids = self._fitting(after, size + 1).ids(after, size + 1)
        if self.answered_by is not None:
            return self.requests.filter(pk__in=ids).page_answered_by(self.answered_by, None, size)
        found = self.requests.unnarrowed().for_list(self.reader).in_bulk(ids)
        return cut([found[pk] for pk in ids], size)

    def ids(self, after: Cursor | None, most: int) -> list[int]:
        """The first ids behind the cursor."""
        if self.words:
            return self._fitting(after, most).ids(after, most)
        if self.answered_by is not None:
            return self.requests.ids_answered_by(self.answered_by, after, most)
        if self.audiences is None:
            return self.requests.ids(self.order, after, most)
        return self.requests.ids_of_audiences(self.audiences, self.order, after, most, self.others)

    @property
    def is_cut(self) -> bool:
        """Whether more fit than are listed, so that only the newest are; known once a page was read."""
        return len(self.__dict__.get("_hits", ())) > MOST_HITS

    def _fitting(self, after: Cursor | None, most: int) -> Self:
        """The pile of those that hold the words: the ``most`` next ones at least."""
        near = replace(self, words=()).ids(after, NEAR)
        holding = SearchLine.objects.filter(pk__in=near).holding(self.words)
        found = set(holding.values_list("pk", flat=True))
        if len(near) == NEAR and len(found) < most:
            found = set(self._hits[:MOST_HITS])
        chosen = self.requests.filter(pk__in=found)
        if self.others:
            return replace(self, requests=chosen, words=())
        if self.audiences is not None:
            # Rows by their ids are sorted sooner than merged from a range for each audience.
            chosen = chosen.filter(audience__in=self.audiences)
        return replace(self, requests=chosen, audiences=None, words=())

    @cached_property
    def _hits(self) -> list[int]:
        put_to = self.audiences
        if put_to is not None:
            put_to = (*put_to, *(one for scope in self.others for one in scope.audiences))
        return SearchLine.objects.hits(self.words, put_to, pending=self.is_waiting)

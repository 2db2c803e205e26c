"""Keyset pages: the orders that rows are listed in, where a page ended, and what is on it."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

PAGE = 50


class Order(Enum):
    """The orders that an index serves. By deadline and by amount there are only requests that wait."""

    DEADLINE = "deadline"
    AMOUNT = "amount"
    NEWEST = "newest"
    OLDEST = "oldest"

    @property
    def field(self) -> str:
        """The value of a row that the order goes by; the id settles ties."""
        return {"deadline": "answer_by", "amount": "amount"}.get(self.value, "created_at")

    @property
    def is_descending(self) -> bool:
        """Whether the greatest comes first."""
        return self in {Order.AMOUNT, Order.NEWEST}

    def first(self, most: int, places: Iterable["Place"]) -> list["Place"]:
        """Return the first of the places."""
        return heapq.nlargest(most, places) if self.is_descending else heapq.nsmallest(most, places)


# A row's value in the order, and its id.
type Place = tuple[Any, int]


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: the last row's place in the order."""

    at: datetime | Decimal
    pk: int


@dataclass(frozen=True)
class Page[Row]:
    """Rows of one page, and whether more follow."""

    rows: list[Row] = field(default_factory=list)
    more: bool = False


def cut[Row](rows: list[Row], size: int) -> Page[Row]:
    """Make a page of rows read with one more than it shows: the extra row says that there is a next page."""
    return Page(rows[:size], len(rows) > size)

"""The quick way from an item to its row gives what the thorough one gives, or leaves it to that."""

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.aws.items import raw_item, read_item
from approvals.mirror.notices import Unreadable
from approvals.mirror.quick import quick_request_row
from approvals.mirror.rows import Row, request_row
from approvals.mirror.tables import REQUESTS
from tests.portal_cloud import request_item, settled, wire_item
from tests.unit.mirror.test_parser import values

NAMES = (*wire_item(settled(request_item())), "response_schema")
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
texts = st.sampled_from(
    ["", "a", "b" * 41, "c" * 151, "approved", "pending", "9", "2026-11-21T08:00:00Z", "2026-11-21T10:00:00.5+02:00",
     "2026-11-21T08:00:00.000000Z", "2026-W47-6T08:00:00.123456Z", "2026-11-21T08:00:00,123456Z", "{}", '{"type": "x"}',
     "0001-01-01T00:00:00.1+01:00", "2026-11-21", "2026-02-30T08:00:00.123456Z", "\0", "é\u202e", "\ud83d\ude00"]
).map(lambda text: {"S": text})  # fmt: skip
digits = st.sampled_from(["0", "1", "-1", "1.5", "12.34567", "1E3", "9" * 19, "9" * 21, "Infinity", "NaN"])
lawful = st.one_of(
    st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=3).map(lambda found: {"M": wire_item(found)}),
    st.sampled_from([{"groups": ["a"]}, {"users": ["a", "b"], "required": 2}, {"exclude": ["a|b"]}]).map(
        lambda policy: {"M": wire_item(policy)}
    ),
    texts,
    digits.map(lambda number: {"N": number}),
)
changes = st.dictionaries(st.sampled_from(NAMES), st.none() | values | lawful, max_size=3)


def thorough(raw: Any) -> Row | str:
    """The row, or why there is none."""
    try:
        return request_row(read_item(raw))
    except Unreadable as fault:
        return str(fault)


@settings(max_examples=600)
@given(changes, st.booleans(), st.booleans())
def test_what_the_quick_way_gives_is_what_the_thorough_one_gives(changed: Any, escaped: bool, done: bool) -> None:
    item = request_item(approval_id="expense-1.manager")
    found = wire_item(settled(item) if done else item) | changed
    whole = {name: value for name, value in found.items() if value is not None}
    raw = raw_item(whole) if escaped else json.dumps(whole, ensure_ascii=False, default=str).encode("utf-8", "replace")
    row = quick_request_row(raw)
    assert row is None or row == thorough(raw)


@given(st.dictionaries(st.text(max_size=4), plain, max_size=4), st.lists(plain, max_size=3))
def test_details_and_events_of_any_shape_are_equal(details: Any, events: Any) -> None:
    item = request_item(details=details, events=events)
    try:
        raw = raw_item(wire_item(item))
    except (TypeError, ArithmeticError):  # boto3 refuses it, so it never travels
        return
    row = quick_request_row(raw)
    assert row == thorough(raw) if row else "\\u0000" in bytes(raw).decode()


@pytest.mark.parametrize(
    "item",
    [
        request_item(),
        request_item(amount=None, currency="", attachments=[{"key": "a", "size": Decimal(3)}]),
        request_item(response_schema={"type": "object"}, policy={"groups": ["managers"], "required": Decimal(2)}),
        request_item(title="Zoë \u202e \U0001f600"),
        settled(request_item()),
    ],
)
def test_the_usual_items_go_the_quick_way(item: Any) -> None:
    item = {name: value for name, value in item.items() if value is not None}
    assert quick_request_row(raw_item(wire_item(item))) is not None


DAYS = ("2026-11-21", "20261121", "2026-W47-6", "2026W476")
TIMES = ("08:00:00.123456", "08:00:00,123456", "080000.123456", "08:00:00", "08:00:00.1", "08:00:00.123456789", "08:00")


def test_a_time_of_any_shape_is_stored_as_the_thorough_way_stores_it() -> None:
    quick = 0
    for shape in itertools.product(DAYS, "T _", TIMES, ("Z", "z", "+00:00", "+0000", "-00", "+02:00", "")):
        raw = raw_item(wire_item(request_item(approval_id="expense-1.manager", expires_at="".join(shape))))
        row = quick_request_row(raw)
        assert row is None or row == thorough(raw), shape
        quick += row is not None
    assert quick > len(DAYS) * len(TIMES)


def test_sets_binary_and_nul_go_the_thorough_way() -> None:
    for odd in ({"tags": {"a", "b"}}, {"scan": b"\0"}, {"note": "a\0b"}):
        raw = raw_item(wire_item(request_item(details=odd)))
        assert quick_request_row(raw) is None
        assert REQUESTS.row_of(raw) == thorough(raw)

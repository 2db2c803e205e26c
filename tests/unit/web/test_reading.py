"""How amounts, moments, keys, hostile text and nested details read."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from approvals.web import formats, safe_text
from approvals.web.changes import as_json, changes_between
from approvals.web.details import Outline

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        ("1240.5000", "EUR", "en_GB", "€1,240.50"),
        ("1240.5", "EUR", "de_DE", "1.240,50\u00a0€"),
        ("1500.0000", "JPY", "en_GB", "¥1,500"),
        ("0.1275", "EUR", "en_GB", "€0.1275"),
        ("7", "", "en_GB", "7"),
    ],
)
def test_money_is_exact_in_the_readers_format(amount: str, currency: str, locale: str, text: str) -> None:
    assert formats.money(Decimal(amount), currency, locale) == text


@given(st.decimals(min_value=0, max_value=10**15, places=4), st.sampled_from(["EUR", "JPY", "BHD", ""]))
def test_money_never_rounds(amount: Decimal, currency: str) -> None:
    said = formats.money(amount, currency, "en_GB")
    digits = "".join(mark for mark in said if mark.isdigit() or mark == ".").strip(".")
    assert Decimal(digits) == amount


@pytest.mark.parametrize(
    ("header", "locale"), [("de-DE,de;q=0.9", "de_DE"), ("xx-YY", "en_GB"), ("", "en_GB"), ("*;;;,,", "en_GB")]
)
def test_the_browser_names_the_locale_of_numbers(header: str, locale: str) -> None:
    assert formats.locale_of(RequestFactory().get("/", headers={"Accept-Language": header})) == locale


def test_moments_are_exact_in_the_persons_zone_and_relative_in_words() -> None:
    with timezone.override("Europe/Paris"):
        assert formats.exact(NOW) == "21 Nov 2026, 13:00 CET"
    assert formats.relative(NOW + timedelta(days=2), NOW) == "in 2 days"
    assert formats.relative(NOW - timedelta(hours=3), NOW) == "3 hours ago"
    assert formats.relative(NOW + timedelta(seconds=20), NOW) == "in under a minute"


@pytest.mark.parametrize(("hours", "said"), [(-1, "overdue"), (0, "overdue"), (24, "soon"), (25, "later")])
def test_a_deadline_is_urgent_within_a_day(hours: int, said: str) -> None:
    assert formats.urgency(NOW + timedelta(hours=hours), NOW) == said


@pytest.mark.parametrize(
    ("key", "text"),
    [("purchase_order", "Purchase order"), ("passengerName", "Passenger name"), ("expense_id", "Expense ID"), ("", "")],
)
def test_keys_read_as_words(key: str, text: str) -> None:
    assert formats.words(key) == text


@pytest.mark.parametrize(
    "mark", ["\u202e", "\u2066", "\u200b", "\u2060", "\ufeff", "\u00ad", "\x07", "\u2028", "\U000e0041"]
)
def test_marks_that_hide_or_reorder_are_shown_by_number(mark: str) -> None:
    assert mark not in safe_text.shown(f"a{mark}b")
    assert f"U+{ord(mark):04X}" in safe_text.shown(f"a{mark}b")
    assert mark not in safe_text.plain(f"a{mark}b")


@pytest.mark.parametrize(
    "text", ["👩\u200d💻", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Zoë Łódź 東京", "two\nlines\tand a tab"]
)
def test_honest_writing_stays_as_it_is(text: str) -> None:
    assert safe_text.shown(text) == text


def test_a_joiner_between_latin_letters_is_shown() -> None:
    assert "U+200D" in safe_text.shown("pay\u200dpal")


@given(st.text())
def test_shown_text_never_carries_markup_or_a_hidden_mark(text: str) -> None:
    said = safe_text.shown(text)
    stripped = said.replace('<span class="odd-character" title="', "").replace("</span>", "").replace('">U+', "")
    assert "<" not in stripped
    assert not any(mark in said for mark in "\u202e\u2066\u200b\u0000")


def test_like_maps_are_a_table_and_numbers_stand_at_the_end() -> None:
    node = Outline("EUR", []).of({"lines": [{"what": "Train", "amount": "12.50"}, {"amount": 3, "note": None}]})
    ((label, table),) = node.value.blocks
    assert (label, table.kind, table.value.columns) == ("Lines", "table", ["What", "Amount", "Note"])
    assert table.value.ends == [False, True, False]
    assert [cell.kind for cell in table.value.rows[1]] == ["empty", "money", "empty"]


def test_a_map_names_its_own_currency() -> None:
    node = Outline("EUR", []).of({"budget": {"currency": "USD", "total": "5"}})
    total = dict(node.value.blocks[0][1].value.pairs)["Total"]
    assert (total.kind, total.value, total.note) == ("money", Decimal(5), "USD")


def text_of(details: dict[str, object]) -> list[str]:
    return [str(node.value) for _, node in Outline("EUR", []).of(details).value.pairs]


def test_a_value_from_a_fixed_list_reads_as_words() -> None:
    assert text_of({"category": "travel", "content_type": "blog_post", "kind": "ad-hoc"}) == [
        "Travel",
        "Blog post",
        "Ad hoc",
    ]


def test_what_people_wrote_is_not_reworded() -> None:
    said = {"category": "for the offsite, mostly", "description": "travel", "owner": "rita", "kind": "<b>x</b>"}
    assert text_of(said) == list(said.values())


@pytest.mark.parametrize("amount", ["120.5", 120.5, Decimal("120.5")])
def test_amounts_in_lines_have_the_digits_of_their_currency(amount: object) -> None:
    table = Outline("EUR", []).of({"lines": [{"amount": amount}]}).value.blocks[0][1].value
    node = table.rows[0][0]
    assert (node.kind, formats.money(node.value, node.note)) == ("money", "€120.50")


def test_dates_that_are_none_stay_text() -> None:
    node = Outline("", []).of({"day": "2026-02-31", "real": "2026-02-28", "moment": "2026-02-28T10:00:00Z"})
    assert [child.kind for _, child in node.value.pairs] == ["text", "day", "moment"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_any_details_can_be_drawn(value: object) -> None:
    assert Outline("EUR", []).of(value).kind


@given(st.dictionaries(st.text(), json_values), st.dictionaries(st.text(), json_values))
def test_two_contents_differ_exactly_when_there_are_changes(
    before: dict[str, object], after: dict[str, object]
) -> None:
    assert bool(changes_between(before, after)) == (as_json(before) != as_json(after))


def test_a_details_key_called_deadline_may_hold_anything() -> None:
    (change,) = changes_between({"details": {"deadline": "soon"}}, {"details": {"deadline": ""}})
    assert (change.before, change.after) == ("soon", "empty")


@pytest.mark.parametrize(
    ("locale", "franc", "dollar", "yen"), [("en_GB", "CHF", "$", "¥"), ("fr_CH", "CHF", "$US", "JPY")]
)
def test_scripts_are_told_the_signs_and_decimals_that_pages_write(
    locale: str, franc: str, dollar: str, yen: str
) -> None:
    told = json.loads(formats.currencies_of(locale))
    assert (told["CHF"], told["USD"], told["JPY"]) == ([2, franc], [2, dollar], [0, yen])
    for code, (_digits, sign) in told.items():
        assert sign in formats.money(Decimal("12.5"), code, locale)

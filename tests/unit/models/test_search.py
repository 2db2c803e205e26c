"""Search finds what people remember of a request, whatever they type, and nothing of what they may not see."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.actions.comment import comment
from approvals.actions.decide import Ballot, decide
from approvals.aws.items import raw_item
from approvals.mirror.refresh import Refresher
from approvals.mirror.tables import REQUESTS
from approvals.models import ApprovalRequest, SearchDue, SearchLine
from approvals.models import pile as pile_module
from approvals.models import search as search_module
from approvals.models.pages import Order
from approvals.models.pile import Pile
from approvals.models.search import asked_words
from approvals.models.text import words_in
from approvals.policy import Viewer
from tests.factories import approval_request, person, policy, read_for_search, viewer
from tests.portal_cloud import request_item, wire_item

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def found(text: str) -> set[str]:
    """The titles that the index gives."""
    hits = SearchLine.objects.hits(asked_words(text))
    return set(ApprovalRequest.objects.filter(pk__in=hits).values_list("title", flat=True))


def titles(pile: Pile, size: int = 25) -> list[str]:
    return [row.title for row in pile.page(None, size).rows]


def waiting(words: str, *audiences: int, order: Order = Order.DEADLINE) -> Pile:
    requests = ApprovalRequest.objects.filter(status="pending")
    return Pile(requests, order, audiences, words=tuple(asked_words(words)), is_waiting=True)


def test_it_finds_title_people_run_details_and_comments() -> None:
    person("rita", last_name="Okoye")
    lyon = approval_request(
        title="Train to LYON",
        run_name="expense-k7m9q",
        requester="rita",
        details={"lines": [{"text": "Taxi at night", "amount": Decimal("86.40").to_eng_string()}]},
    )
    approval_request(title="Desk", requester="sam")
    comment(viewer("anna", "managers"), lyon, "Who was at the table in Grenoble?")
    read_for_search()
    for text in ("lyon", "Okoye", "rita lyon", "K7M9Q", "taxi", "86.40", "grenoble", "gren"):
        assert found(text) == {"Train to LYON"}, text
    assert found("lyon desk") == set()
    assert found("yon") == set()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Zürich", "zurich"),
        ("Straße", "STRASSE"),
        ("東京出張", "京"),
        ("Party 🎉 for all", "🎉"),
        ("O'Brien & sons", "o'brien"),
        ("Ångström", "angstrom"),
    ],
)
def test_accents_case_scripts_and_emoji(text: str, said: str) -> None:
    approval_request(title=text)
    approval_request(title="Desk")
    read_for_search()
    assert found(said) == {text}


@pytest.mark.parametrize(
    "typed",
    [
        '"', "''", "1", "'", "''\"\"", "*", "a*", "-", "NOT", "lyon AND", "OR OR", "NEAR(a b, 2)", "title:lyon",
        "words:x", "^lyon",
        "lyon'; DROP TABLE approvals_searchline; --", "a & b | !c <-> d", ":*", "\\", "%", "_", "(((", "§a1", "🎉👩‍💻",
        "x" * 1000, "word " * 200, "\u202elyon", "\ud7ff", "NULL", "0", "é" * 500,
    ],
)  # fmt: skip
def test_whatever_people_type_is_words_and_never_an_error(typed: str) -> None:
    approval_request(title="Train to Lyon")
    read_for_search()
    words = asked_words(typed)
    if words:
        SearchLine.objects.hits(words, [1, 2], pending=True)
        SearchLine.objects.holding(words, [1])


@settings(max_examples=80)
@given(st.text(max_size=80))
def test_a_word_holds_no_mark_that_a_database_reads_as_its_own(text: str) -> None:
    for word in words_in(text, 50):
        assert word
        assert not set(word) & set(" '\"*()&|!:<>\\§%_^-")
        assert words_in(word, 50) == [word]


@settings(max_examples=40)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_a_title_is_found_by_itself(text: str) -> None:
    SearchDue.objects.all().delete()
    request = approval_request(title=text)
    SearchDue.objects.mark([request.approval_id])
    SearchDue.objects.work()
    words = asked_words(text)
    if words:
        assert request.pk in SearchLine.objects.hits(words)
        assert SearchLine.objects.holding(words, [request.pk]) == {request.pk}


def test_the_index_follows_what_changes() -> None:
    request = approval_request(title="Train to Lyon")
    read_for_search()
    ApprovalRequest.objects.filter(pk=request.pk).update(title="Train to Marseille")
    read_for_search()
    assert found("lyon") == set()
    assert found("marseille") == {"Train to Marseille"}
    SearchLine.objects.all().delete()
    assert found("marseille") == set()


def test_what_the_mirror_writes_and_people_say_can_be_found_after_the_workers_next_round() -> None:
    item = request_item(title="Train to Lyon")
    Refresher().by_pages(REQUESTS, [[raw_item(wire_item(item))]])
    assert found("lyon") == set()
    assert SearchDue.objects.work() == 1
    assert found("lyon") == {"Train to Lyon"}
    comment(viewer("anna", "managers"), ApprovalRequest.objects.get(), "Who was in Grenoble?")
    assert SearchDue.objects.work() == 1
    assert found("grenoble") == {"Train to Lyon"}
    request = ApprovalRequest.objects.get()
    ballot = Ballot("rejected", "Book the cheaper one.", request.version, request.content_digest)
    decide(viewer("anna"), request.approval_id, ballot)
    assert SearchDue.objects.work() == 1
    assert found("cheaper") == {"Train to Lyon"}


def test_the_worker_takes_what_is_due_once() -> None:
    approval_request()
    SearchDue.objects.mark(["expense-gone.manager"])
    read_for_search()
    assert SearchDue.objects.count() == 0
    assert SearchDue.objects.work() == 0


def test_a_worker_that_was_slower_writes_nothing_old(monkeypatch: pytest.MonkeyPatch) -> None:
    request = approval_request(title="Train to Lyon")
    SearchDue.objects.mark([request.approval_id])
    read = search_module.changed_lines

    def overtaken(approval_ids: set[str]) -> list[SearchLine]:
        lines = read(approval_ids)
        monkeypatch.setattr(search_module, "changed_lines", read)
        ApprovalRequest.objects.filter(pk=request.pk).update(title="Train to Marseille")
        SearchDue.objects.mark([request.approval_id])
        SearchDue.objects.work()
        return lines

    monkeypatch.setattr(search_module, "changed_lines", overtaken)
    SearchDue.objects.work()
    assert found("lyon") == set()
    assert found("marseille") == {"Train to Marseille"}


@pytest.mark.parametrize("near", [0, 1, 300])
@pytest.mark.parametrize("order", Order)
def test_a_pile_gives_the_same_by_its_order_and_by_the_index(
    monkeypatch: pytest.MonkeyPatch, near: int, order: Order
) -> None:
    monkeypatch.setattr(pile_module, "NEAR", near)
    made = [
        approval_request(
            title=f"No. {number} {'Lyon' if number % 2 else 'Desk'}",
            amount=Decimal(number * 7 % 5),
            policy=policy("managers" if number % 3 else "finance"),
            status="pending" if number % 4 else "approved",
        )
        for number in range(12)
    ]
    read_for_search()
    audiences = viewer("anna", "managers").audiences
    mine = [one for one in made if one.audience_id in audiences and one.status == "pending" and "Lyon" in one.title]
    wanted = sorted(mine, key=lambda one: (getattr(one, order.field), one.pk), reverse=order.is_descending)
    pile = waiting("lyon", *audiences, order=order)
    assert titles(pile) == [one.title for one in wanted]
    assert titles(pile, 2) == [one.title for one in wanted][:2]
    assert pile.ids(None, 3) == [one.pk for one in wanted][:3]


def test_another_groups_request_is_found_by_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pile_module, "NEAR", 0)
    approval_request(title="Secret merger", policy=policy("directors"))
    read_for_search()
    anna = viewer("anna", "managers")
    assert titles(waiting("merger", *anna.audiences)) == []
    assert titles(waiting("merger", *viewer("dora", "directors").audiences)) == ["Secret merger"]


@pytest.mark.parametrize("near", [0, 300])
def test_what_waits_for_somebody_else_now_is_not_found_among_what_waits_for_me(
    monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    monkeypatch.setattr(pile_module, "NEAR", near)
    request = approval_request(title="Train to Lyon", policy=policy("managers", "finance"))
    approval_request(title="Taxi in Lyon", requester="anna")
    read_for_search()
    anna, fin = viewer("anna", "managers"), viewer("fin", "finance")
    lone = approval_request(title="Desk", policy=policy("finance"))
    ApprovalRequest.objects.filter(pk=request.pk).update(waits_for=lone.audience_id)

    def mine(who: Viewer) -> list[str]:
        ranges = ApprovalRequest.objects.pending()
        requests = ranges.open().not_barred_for(who.username)
        return titles(Pile(requests, Order.DEADLINE, tuple(who.audiences), words=("lyon",), ranges=ranges))

    assert mine(anna) == []
    assert mine(fin) == ["Train to Lyon"]


def test_an_index_that_is_behind_shows_nothing_that_was_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pile_module, "NEAR", 0)
    request = approval_request(title="Train to Lyon")
    read_for_search()
    anna = viewer("anna", "managers")
    ApprovalRequest.objects.filter(pk=request.pk).update(status="approved")
    assert titles(waiting("lyon", *anna.audiences)) == []


def test_too_many_hits_are_said_and_not_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pile_module, "NEAR", 1)
    monkeypatch.setattr(pile_module, "FAR", 0)
    monkeypatch.setattr(pile_module, "MOST_HITS", 2)
    monkeypatch.setattr(search_module, "MOST_HITS", 2)
    for number in range(4):
        approval_request(title=f"Lyon {number}")
    read_for_search()
    pile = waiting("lyon", *viewer("anna", "managers").audiences)
    assert len(titles(pile)) == 2
    assert pile.is_cut


def test_where_the_index_knows_too_many_the_first_of_the_order_are_found_by_walking_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pile_module, "NEAR", 2)
    monkeypatch.setattr(pile_module, "MOST_HITS", 2)
    monkeypatch.setattr(search_module, "MOST_HITS", 2)
    # Nothing near, the word on what is due later, and what is newest in the index last of all.
    for number in range(9):
        approval_request(
            title=f"{'Desk' if number < 3 else 'Lyon'} {number}", expires_at=NOW + timedelta(hours=number + 1)
        )
    read_for_search()
    pile = waiting("lyon", *viewer("anna", "managers").audiences)
    assert titles(pile, 2) == ["Lyon 3", "Lyon 4"]
    assert not pile.is_cut


@pytest.mark.parametrize("spare", [0, 1, 30])
@pytest.mark.parametrize("near", [0, 4, 300])
def test_those_that_are_barred_leave_no_gap_in_what_is_found(
    monkeypatch: pytest.MonkeyPatch, near: int, spare: int
) -> None:
    monkeypatch.setattr(pile_module, "NEAR", near)
    monkeypatch.setattr(pile_module, "SPARE", spare)
    for number in range(20):
        asked_by = "rita" if number in {2, 9, 18} else "anna"
        approval_request(title=f"Lyon {number}", requester=asked_by, expires_at=NOW + timedelta(hours=number + 1))
    read_for_search()
    anna = viewer("anna", "managers")
    ranges = ApprovalRequest.objects.pending()
    requests = ranges.open().not_barred_for("anna")
    pile = Pile(requests, Order.DEADLINE, tuple(anna.audiences), words=("lyon",), ranges=ranges, is_waiting=True)
    assert titles(pile) == ["Lyon 2", "Lyon 9", "Lyon 18"]
    assert titles(pile, 2) == ["Lyon 2", "Lyon 9"]
    assert [ApprovalRequest.objects.get(pk=pk).title for pk in pile.ids(None, 2)] == ["Lyon 2", "Lyon 9"]


def test_a_huge_request_keeps_its_first_words() -> None:
    approval_request(title="Lyon", details={"text": " ".join(f"w{number}" for number in range(50_000))})
    read_for_search()
    assert found("lyon") == {"Lyon"}
    assert len(SearchLine.objects.get().words.split()) <= search_module.MOST_KEPT + 2


def test_the_database_finds_words_by_its_index() -> None:
    approval_request(title="Train to Lyon")
    read_for_search()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "EXPLAIN QUERY PLAN SELECT rowid FROM approvals_searchindex WHERE approvals_searchindex MATCH 'lyon'"
            )
            assert "VIRTUAL TABLE INDEX" in str(cursor.fetchall())
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN SELECT request_id FROM approvals_searchline WHERE found @@ 'lyon'::tsquery")
            assert "search_words" in str(cursor.fetchall())


def test_a_beginning_of_few_words_and_of_many_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        approval_request(title=f"colour{number} of Lyon")
    approval_request(title="colours")
    approval_request(title="colou")
    read_for_search()
    wanted = {*(f"colour{number} of Lyon" for number in range(5)), "colours"}
    for most in (0, 2, 6, 20):
        monkeypatch.setattr(search_module, "MOST_BEGUN", most)
        assert found("colour") == wanted, most
        assert found("lyon colour") == wanted - {"colours"}, most
        assert found("colour3") == {"colour3 of Lyon"}, most
        assert found("colourful") == set(), most


def test_what_waits_is_found_until_it_is_settled_and_again_when_it_waits_anew() -> None:
    request = approval_request(title="Train to Lyon")
    approval_request(title="Lyon, long past", status="approved")
    read_for_search()
    audience = request.audience_id
    assert audience is not None

    def waiting_hits() -> list[int]:
        return SearchLine.objects.hits(["lyon"], [audience], pending=True)

    assert waiting_hits() == [request.pk]
    for status, wanted in (("approved", []), ("pending", [request.pk]), ("pending", [request.pk])):
        ApprovalRequest.objects.filter(pk=request.pk).update(status=status, title=f"Lyon, {status}")
        read_for_search()
        assert waiting_hits() == wanted
    SearchLine.objects.all().delete()
    assert waiting_hits() == []

"""Queue pages: the right rows in the right order, whatever the pages, and never by reading the table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.models import ApprovalRequest, Decision, EffectivePolicy, Vote
from approvals.models import queue as queue_module
from approvals.models.pages import Cursor, Order
from approvals.models.queue import RequestQuerySet
from approvals.policy import Viewer
from tests.factories import approval_request, audience, person, policy, viewer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
GROUPS = ["managers", "finance", "directors"]


@contextmanager
def undone() -> Iterator[None]:
    """Leave nothing of an example behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def bulk(rows: list[dict[str, Any]]) -> list[ApprovalRequest]:
    """Store many small requests quickly."""
    audiences = {group: audience(f"group:{group}") for group in {*GROUPS, *(row["group"] for row in rows)}}
    return ApprovalRequest.objects.bulk_create(
        ApprovalRequest(
            approval_id=f"expense-{number}.manager",
            run_name=f"expense-{number}",
            workflow="expense",
            stage="manager",
            requester=row.get("requester", "rita"),
            amount=row.get("amount"),
            policy=policy(row["group"]),
            options=["approved", "rejected"],
            audience=audiences[row["group"]],
            waits_for=audiences[row["group"]] if row.get("own") else None,
            waits_until=row.get("own"),
            excluded=row.get("excluded", "|"),
            status=row["status"],
            content_digest="",
            created_at=row["created"],
            updated_at=row["created"],
            expires_at=row["expires"],
            version=1,
        )
        for number, row in enumerate(rows)
    )


# Few distinct moments, so that ties are common: keyset pages are lost at ties.
moments = st.integers(0, 5).map(lambda hours: NOW + timedelta(hours=hours))
rows_of_the_table = st.lists(
    st.fixed_dictionaries(
        {
            "group": st.sampled_from(GROUPS),
            "status": st.sampled_from(["pending", "approved"]),
            "created": moments,
            "expires": moments,
            # The time of a policy's step, which may be more than the workflow gives.
            "own": st.none() | moments,
            "amount": st.sampled_from([None, Decimal("0.5"), Decimal(12), Decimal("1240.0001")]),
        }
    ),
    max_size=25,
)


def walk(page: Callable[[Cursor | None], Any], order: Order) -> list[int]:
    """All rows by turning page after page."""
    seen: list[int] = []
    after = None
    while True:
        found = page(after)
        seen.extend(row.pk for row in found.rows)
        if not found.more:
            return seen
        last = found.rows[-1]
        after = Cursor(getattr(last, order.field), last.pk)


def expected(rows: list[ApprovalRequest], order: Order) -> list[int]:
    """What a plain sort of everything gives."""
    fitting = [row for row in rows if row.status == "pending" or order in {Order.NEWEST, Order.OLDEST}]
    if order is Order.AMOUNT:
        fitting = [row for row in fitting if row.amount is not None]
    placed = sorted(fitting, key=lambda row: (getattr(row, order.field), row.pk), reverse=order.is_descending)
    return [row.pk for row in placed]


@settings(max_examples=60)
@given(
    table=rows_of_the_table,
    groups=st.sets(st.sampled_from(GROUPS)),
    order=st.sampled_from(Order),
    size=st.integers(1, 7),
    parts=st.integers(1, 3),
)
def test_turning_pages_shows_every_row_once_in_order(
    table: list[dict[str, Any]], groups: set[str], order: Order, size: int, parts: int
) -> None:
    with undone(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue_module, "PARTS", parts)
        rows = bulk(table)
        ids = [audience(f"group:{group}").pk for group in sorted(groups)]
        mine = [row for row in rows if row.audience_id in ids]
        requests = ApprovalRequest.objects.all()
        assert walk(lambda after: requests.page_of_audiences(ids, order, after, size), order) == expected(mine, order)
        assert walk(lambda after: requests.page(order, after, size), order) == expected(rows, order)


@settings(max_examples=40, deadline=None)
@given(table=rows_of_the_table, until=moments, after=st.none() | moments)
def test_what_is_due_is_what_its_people_must_answer_by_then(
    table: list[dict[str, Any]], until: datetime, after: datetime | None
) -> None:
    with undone():
        rows = [row for row in bulk(table) if row.status == "pending" and row.answer_by <= until]
        wanted = {row for row in rows if after is None or after < row.answer_by}
        assert set(ApprovalRequest.objects.due(until, after=after)) == wanted


def test_turning_pages_follows_whose_turn_it_is() -> None:
    rows = bulk(
        [
            {"group": group, "status": "pending", "created": NOW, "expires": NOW + timedelta(hours=number % 4)}
            for number, group in enumerate(["managers", "finance"] * 12)
        ]
    )
    turns = [None, audience("group:managers"), audience("user:anna"), audience("user:ben")]
    for row, turn in zip(rows, turns * 6, strict=True):
        row.waits_for = turn
        row.save()
    anna = viewer("anna", "managers")
    # The floor must be hers too: whoever is named for a request put to others only sees nothing of it.
    mine = [row for row in rows if row.policy["groups"] == ["managers"] and row.waits_for in turns[:3]]
    requests = ApprovalRequest.objects.all()
    for size in (1, 4, 30):
        shown = walk(
            lambda after, size=size: requests.page_of_audiences(anna.audiences, Order.DEADLINE, after, size),
            Order.DEADLINE,
        )
        assert shown == expected(mine, Order.DEADLINE)


def test_more_audiences_than_one_statement_takes() -> None:
    for number in range(3):
        approval_request(policy=policy(users=(f"person{number}", "anna")))
    ids = [*range(10_000, 11_200), *viewer("anna").audiences]
    assert len(ApprovalRequest.objects.page_of_audiences(ids, Order.DEADLINE).rows) == 3


def waiting_for(who: Viewer) -> RequestQuerySet:
    return ApprovalRequest.objects.open().not_barred_for(who.username)


def test_what_waits_for_me_leaves_out_my_own_my_barred_my_answered_and_the_decided() -> None:
    anna = viewer("anna", "managers")
    wanted = approval_request()
    approval_request(requester="Anna")
    approval_request(policy=policy("managers", exclude=("anna",)))
    approval_request(status="approved")
    answered = approval_request(policy=policy("managers", required=2))
    Vote.objects.create(request=answered, voter=anna.user, choice="approved", policy={}, shown_version=1)
    decided = approval_request()
    Decision.objects.create(request=decided, choice="approved", decided_by=person("ben"), decided_at=NOW)
    others = approval_request(policy=policy("managers", exclude=("joanna",)))
    assert set(waiting_for(anna)) == {wanted, others}
    # Asked of the same rows where the question is part of a greater one.
    assert set(ApprovalRequest.objects.filter(pk__in=waiting_for(anna).values("pk"))) == {wanted, others}


@pytest.mark.parametrize("column", ["excluded", "handed_over"])
def test_a_policy_bars_by_the_whole_name_in_any_case_and_by_no_pattern(column: str) -> None:
    named, alike = approval_request(), approval_request()
    for request, name in ((named, "An_%\\A"), (alike, "anna%\\a")):
        EffectivePolicy.objects.create(request=request, opened_at=NOW, **{column: f"|joe|{name}|"})
    assert set(waiting_for(viewer("an_%\\a", "managers"))) == {alike}
    assert set(waiting_for(viewer("joe", "managers"))) == set()
    assert set(waiting_for(viewer("jo", "managers"))) == {named, alike}


def test_what_somebody_else_answered_for_me_waits_for_me_no_more() -> None:
    anna, ben = viewer("anna", "managers"), person("ben")
    answered, other = approval_request(), approval_request()
    for request, absent in ((answered, anna.user), (other, None)):
        Vote.objects.create(
            request=request, voter=ben, for_person=absent, choice="approved", policy={}, shown_version=1
        )
    assert set(waiting_for(anna)) == {other}


def test_what_i_answered_comes_latest_answer_first_each_once_whatever_the_pages() -> None:
    anna, ben = person("anna"), person("ben")
    for number in range(9):
        request = approval_request(created_at=NOW - timedelta(days=number))
        vote = Vote.objects.create(request=request, voter=anna, choice="approved", policy={}, shown_version=1)
        # Answered in another order than asked, with ties.
        Vote.objects.filter(pk=vote.pk).update(created_at=NOW + timedelta(hours=number * 4 % 5))
        if number % 3 == 0:
            Decision.objects.create(request=request, choice="approved", decided_by=anna, decided_at=NOW)
    withdrawn = approval_request(requester="anna")
    Decision.objects.create(request=withdrawn, choice="withdrawn", decided_by=anna, decided_at=NOW + timedelta(days=1))
    cancelled = Vote.objects.filter(voter=anna).earliest("created_at").request
    Decision.objects.filter(request=cancelled).delete()
    Decision.objects.create(request=cancelled, choice="cancelled", decided_by=anna, decided_at=NOW + timedelta(days=2))
    Vote.objects.create(request=approval_request(), voter=ben, choice="approved", policy={}, shown_version=1)
    times = dict(Vote.objects.filter(voter=anna).values_list("request_id", "created_at"))
    times |= {withdrawn.pk: NOW + timedelta(days=1), cancelled.pk: NOW + timedelta(days=2)}
    wanted = sorted(times, key=lambda pk: (times[pk], pk), reverse=True)
    for size in (1, 2, 3, 20):
        seen: list[int] = []
        after = None
        while True:
            found = ApprovalRequest.objects.page_answered_by(anna, after, size)
            seen.extend(row.pk for row in found.rows)
            if not found.more:
                break
            last = found.rows[-1]
            assert last.answered_at is not None
            after = Cursor(last.answered_at, last.pk)
        assert seen == wanted


@pytest.fixture
def full_table() -> None:
    """Enough rows that reading them all would be the worse plan, one in twenty pending, as in a used portal."""
    bulk(
        [
            {
                # Few large groups and many small ones, so that none is as large as the mean.
                "group": GROUPS[number % 3] if number % 40 else f"team{number}",
                "status": "pending" if number % 20 == 0 else "approved",
                "created": NOW - timedelta(minutes=number),
                "expires": NOW + timedelta(minutes=number % 997),
                "requester": f"person{number % 500}",
                "amount": Decimal(number % 90) / 4 if number % 7 else None,
                "own": NOW + timedelta(minutes=number % 499) if number % 8 else None,
            }
            for number in range(3000)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            # A small table is cheaper to sort; what must hold is that an index can serve the order at any size.
            for way in ("enable_sort", "enable_bitmapscan", "enable_seqscan"):
                cursor.execute(f"SET LOCAL {way} = off")


def plans(question: Callable[[], Any]) -> list[str]:
    """The database's plan of every statement that the question asks."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        question()
    found = []
    for query in asked.captured_queries:
        with connection.cursor() as cursor:
            prefix = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
            cursor.execute(f"{prefix} {query['sql']}".replace("%", "%%"), None)
            found.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return found


def reads_everything(plan: str) -> bool:
    """Whether the table is read or sorted; sorting the few merged places of one page is not."""
    if connection.vendor == "postgresql":
        sorts = [line for line in plan.splitlines() if "Sort Key" in line and "place" not in line]
        return "Seq Scan on approvals_approvalrequest" in plan or bool(sorts)
    lines = plan.replace("SCAN places\nUSE TEMP B-TREE FOR ORDER BY", "").splitlines()
    full = any(line.startswith("SCAN approvals_approvalrequest") and "USING" not in line for line in lines)
    return full or any("TEMP B-TREE FOR ORDER BY" in line for line in lines)


SOON = NOW + timedelta(hours=2)
PLACE = Cursor(NOW + timedelta(minutes=300), 1500)
QUESTIONS: dict[str, Callable[[RequestQuerySet, list[int]], Any]] = {
    "waiting for an audience": lambda rows, ids: rows.page_of_audiences(ids, Order.DEADLINE),
    "waiting and still open": lambda rows, ids: rows.open().still_open(NOW).page_of_audiences(ids, Order.DEADLINE),
    "waiting, a later page": lambda rows, ids: rows.page_of_audiences(ids, Order.DEADLINE, PLACE),
    "due for an audience within two hours": lambda rows, ids: rows.due(SOON, after=NOW).page_of_audiences(
        ids, Order.DEADLINE
    ),
    "everything due within two hours": lambda rows, ids: rows.due(SOON, after=NOW).page(Order.DEADLINE),
    "the longest overdue": lambda rows, ids: list(rows.due(NOW).filter(expires_at__lt=NOW).in_order(Order.DEADLINE)),
    "all of an audience": lambda rows, ids: rows.page_of_audiences(ids, Order.NEWEST),
    "all of an audience, a later page": lambda rows, ids: rows.page_of_audiences(
        ids, Order.NEWEST, Cursor(NOW - timedelta(minutes=1500), 1500)
    ),
    "an audience's oldest": lambda rows, ids: rows.filter(status="pending").page_of_audiences(ids, Order.OLDEST),
    "an audience's newest that wait": lambda rows, ids: rows.filter(status="pending").page_of_audiences(
        ids, Order.NEWEST
    ),
    "an audience's highest amounts": lambda rows, ids: rows.page_of_audiences(ids, Order.AMOUNT),
    "the same, a later page": lambda rows, ids: rows.page_of_audiences(ids, Order.AMOUNT, Cursor(Decimal("12.5"), 150)),
    "all of an audience, oldest first": lambda rows, ids: rows.page_of_audiences(ids, Order.OLDEST),
    "everything, oldest first": lambda rows, ids: rows.page(Order.OLDEST),
    "the highest amounts of all": lambda rows, ids: rows.page(Order.AMOUNT),
    "everything waiting": lambda rows, ids: rows.page(Order.DEADLINE),
    "everything waiting, a later page": lambda rows, ids: rows.page(Order.DEADLINE, PLACE),
    "everything": lambda rows, ids: rows.page(Order.NEWEST),
    "everything, a later page": lambda rows, ids: rows.page(Order.NEWEST, Cursor(NOW - timedelta(minutes=1500), 1500)),
    "mine as requester": lambda rows, ids: rows.filter(requester="person7").page(Order.NEWEST),
    "one status": lambda rows, ids: rows.filter(status="approved").page(Order.NEWEST),
    "one run": lambda rows, ids: list(rows.filter(run_name="expense-77")),
    "any of an audience": lambda rows, ids: rows.filter(audience_id=ids[0]).exists(),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_page_is_read_from_an_index_in_its_order(full_table: None, question: str) -> None:
    anna = viewer("anna", "managers", "finance")
    ids = anna.audiences
    requests = ApprovalRequest.objects.all()
    for plan in plans(lambda: QUESTIONS[question](requests, ids)):
        assert not reads_everything(plan), plan


def test_a_queue_page_costs_one_statement_however_many_audiences(full_table: None) -> None:
    anna = viewer("anna", *GROUPS)
    ids = anna.audiences
    with CaptureQueriesContext(connection) as asked:
        waiting_for(anna).page_of_audiences(ids, Order.DEADLINE)
    assert len(asked) == 1

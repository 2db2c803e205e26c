"""Items as rows: exact, complete, and refused with a reason where they are not what the contract says."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from approvals.aws.items import raw_item
from approvals.mirror.notices import Unreadable
from approvals.mirror.refresh import Refresher
from approvals.mirror.rows import REQUEST_COLUMNS, Row
from approvals.mirror.tables import REQUESTS, RUNS
from approvals.mirror.upsert import newer_than_mirrored
from approvals.models import ApprovalRequest, AuditEvent, Run
from tests.portal_cloud import request_item, run_item, wire_item


def request_row(item: dict[str, Any]) -> Row:
    """The row that the mirror makes of an item."""
    return REQUESTS.row_of(raw_item(wire_item(item)))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"status": "perhaps"}, "status 'perhaps' is not one of"),
        ({"version": Decimal(0)}, "version"),
        ({"version": "7"}, "version"),
        ({"title": 7}, "title must be a text"),
        ({"workflow": ""}, "workflow is missing"),
        ({"stage": "s" * 41}, "stage is longer than 40"),
        ({"currency": "EURO"}, "currency is longer than 3"),
        ({"expires_at": "soon"}, "expires_at must be a time"),
        ({"expires_at": "2026-11-21T08:00:00"}, "with its zone"),
        ({"amount": "12"}, "amount must be a number"),
        ({"amount": Decimal("0.00001")}, "at most 4 decimals"),
        ({"amount": Decimal(10) ** 20}, "24 digits"),
        ({"details": ["x"]}, "details must be a map"),
        ({"events": {"a": "b"}}, "events must be a list"),
        ({"policy": {"groups": "managers"}}, "policy.groups must be a list"),
        ({"policy": {"users": ["anna\nuser:ben"]}}, "policy.users must hold names"),
        ({"policy": {"groups": ["managers"], "exclude": ["a|b"]}}, "policy.exclude must hold names"),
        ({"policy": {"groups": ["managers"], "required": "two"}}, "policy.required"),
        ({"policy": {"groups": ["managers"], "required": Decimal(0)}}, "policy.required"),
        ({"options": ["approved", 1]}, "options must hold names"),
        ({"response_schema": "{"}, "response_schema is no JSON"),
        ({"response_schema": "[]"}, "response_schema must be a map"),
        ({"response_schema": ["x"]}, "response_schema must be a map"),
    ],
)
def test_an_item_that_is_not_a_request_is_refused_with_the_reason(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        request_row(request_item(**changed))


@pytest.mark.parametrize(
    ("changed", "says"),
    [({"status": "pending"}, "status"), ({"run_name": "r" * 65}, "run_name"), ({"error": "x"}, "error")],
)
def test_an_item_that_is_not_a_run_is_refused_with_the_reason(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        RUNS.row_of(raw_item(wire_item(run_item(**changed))))


def test_an_attribute_of_no_known_kind_is_refused() -> None:
    with pytest.raises(Unreadable, match="details"):
        REQUESTS.row_of(raw_item(wire_item(request_item()) | {"details": {"M": {"a": {"X": "?"}}}}))


def test_half_a_character_is_refused() -> None:
    with pytest.raises(Unreadable, match="half a character"):
        REQUESTS.row_of(raw_item(wire_item(request_item()) | {"title": {"S": "\ud800"}}))


@pytest.mark.django_db
def test_odd_but_lawful_content_comes_through_exactly() -> None:
    item = request_item(
        title="Zoë \u202e 'x'; DROP TABLE\0 \\ \t\n end", amount=Decimal("99999999999999.9999"), currency="JPY",
        details={
            "n": Decimal("12345678901234567890.5"), "big": Decimal(2**60), "i": -7, "t": True, "z": None, "s": {"a"},
            "b": b"\x00\xff", "deep": [[{"k\0": "v\0"}]], "tab": "a\tb\\n",
        },
        expires_at="2026-11-21T10:00:00.250+02:00", decision={"decision": "approved", "votes": []},
    )  # fmt: skip
    assert Refresher().by_pages(REQUESTS, [[raw_item(wire_item(item))]]).unreadable == {}
    row = ApprovalRequest.objects.get()
    assert row.title == "Zoë \u202e 'x'; DROP TABLE \\ \t\n end"
    assert row.details == {
        "n": "12345678901234567890.5", "big": str(2**60), "i": -7, "t": True, "z": None, "s": ["a"],
        "b": "AP8=", "deep": [[{"k": "v"}]], "tab": "a\tb\\n",
    }  # fmt: skip
    assert row.expires_at == datetime(2026, 11, 21, 8, 0, 0, 250000, tzinfo=UTC)
    assert row.decision == {"decision": "approved", "votes": []}
    assert row.settled_at is None


@pytest.mark.django_db
def test_what_the_mirror_has_is_not_asked_for_again_whatever_its_key_and_version() -> None:
    key = "expense-1.é \U0001f600\"'\\%s"
    item = request_item(approval_id=key, version=3)
    Refresher().by_pages(REQUESTS, [[raw_item(wire_item(item))]])
    assert newer_than_mirrored(REQUESTS, {key: 3, "another": 0}) == {"another"}
    assert not newer_than_mirrored(REQUESTS, {key: -1})
    assert newer_than_mirrored(REQUESTS, {key: 10**30}) == {key}
    assert not newer_than_mirrored(REQUESTS, {})


@pytest.mark.django_db
def test_times_are_stored_as_django_itself_stores_them() -> None:
    whole = "2026-11-21T08:00:00Z"
    item = run_item(created_at=whole, updated_at="2026-11-21T08:00:00.000001Z")
    Refresher().by_pages(RUNS, [[raw_item(wire_item(item))]])
    run = Run.objects.get()
    assert Run.objects.filter(created_at=run.created_at, updated_at__gt=run.created_at).exists()
    Run.objects.update(created_at=run.created_at)
    assert Run.objects.get().created_at == datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.mark.django_db
def test_a_row_that_only_the_database_refuses_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import DataError

    from approvals.mirror import refresh

    items = [request_item() for _ in range(5)]
    odd = items[2]["approval_id"]
    whole = refresh.apply

    def apply(table: Any, rows: Any) -> int:
        if any(row.key == odd for row in rows):
            raise DataError("too odd")
        return whole(table, rows)

    monkeypatch.setattr(refresh, "apply", apply)
    done = Refresher().by_pages(REQUESTS, [[raw_item(wire_item(item)) for item in items]])
    assert (done.written, list(done.unreadable)) == (4, [odd])


@pytest.mark.django_db
def test_many_pages_are_mirrored_whole_and_an_odd_item_among_them_is_named() -> None:
    items = [request_item() for _ in range(14)]
    items[5]["created_at"] = "yesterday"
    pages = [[raw_item(wire_item(item)) for item in items[start : start + 2]] for start in range(0, 14, 2)]
    done = Refresher().by_pages(REQUESTS, pages)
    assert (done.written, list(done.unreadable)) == (13, [items[5]["approval_id"]])
    assert ApprovalRequest.objects.count() == AuditEvent.objects.filter(action="request.opened").count() == 13


def test_the_form_of_the_answer_is_read_from_a_map_and_from_json_text() -> None:
    column = REQUEST_COLUMNS.index("response_schema")
    rows = [request_row(request_item(response_schema=one)) for one in ({"type": "object"}, '{"type":"object"}')]
    assert [row.columns[column] for row in rows] == ['{"type":"object"}'] * 2


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite updates in place")
def test_a_new_version_that_changes_no_indexed_column_writes_no_index() -> None:
    items = [request_item() for _ in range(40)]
    Refresher().by_pages(REQUESTS, [[raw_item(wire_item(item)) for item in items]])
    # The first of each page: within one transaction the old versions still take their room.
    newer = [item | {"version": 2, "summary": "Three journeys."} for item in items[::5]]
    assert Refresher().by_pages(REQUESTS, [[raw_item(wire_item(item)) for item in newer]]).written == len(newer)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_stat_get_xact_tuples_hot_updated('{REQUESTS.stored_as}'::regclass)")
        assert cursor.fetchone() == (len(newer),)

"""The record takes new lines and nothing else; the database itself sees to it."""

import pytest
from django.db import DatabaseError, connection, transaction

from approvals.models import Actor, AuditEvent
from tests.factories import approval_request, person, run, submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> AuditEvent:
    return AuditEvent.objects.record(Actor("anna", "192.0.2.7"), "request.voted", "request:expense-one.manager", "Yes")


def refuses(statement: str, *values: object) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_line_is_neither_changed_nor_deleted(line: AuditEvent) -> None:
    refuses("UPDATE approvals_auditevent SET actor = 'mallory' WHERE id = %s", line.pk)
    refuses("DELETE FROM approvals_auditevent WHERE id = %s", line.pk)
    line.actor = "mallory"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        line.save()
    assert AuditEvent.objects.get().actor == "anna"


def test_the_record_is_not_emptied_at_once(line: AuditEvent) -> None:
    everything = (
        "TRUNCATE approvals_auditevent" if connection.vendor == "postgresql" else "DELETE FROM approvals_auditevent"
    )
    refuses(everything)
    assert AuditEvent.objects.count() == 1


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="REPLACE is SQLite's own")
def test_a_line_is_not_replaced_by_an_insert(line: AuditEvent) -> None:
    columns = "id, at, actor, action, object_kind, object_id, summary, data"
    refuses(
        f"INSERT OR REPLACE INTO approvals_auditevent ({columns})"
        " VALUES (%s, '2026-01-01', 'm', 'a', 'k', 'o', '', '{}')",
        line.pk,
    )
    assert AuditEvent.objects.get().actor == "anna"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite names this REPLACE")
def test_a_line_is_not_replaced_by_an_upsert(line: AuditEvent) -> None:
    refuses(
        "INSERT INTO approvals_auditevent (id, at, actor, action, object_kind, object_id, summary, data)"
        " VALUES (%s, now(), 'm', 'a', 'k', 'o', '', '{}') ON CONFLICT (id) DO UPDATE SET actor = 'mallory'",
        line.pk,
    )


def test_a_line_holds_who_from_where_and_what(line: AuditEvent) -> None:
    line.refresh_from_db()
    assert (line.actor, line.address, line.action) == ("anna", "192.0.2.7", "request.voted")
    assert (line.object_kind, line.object_id) == ("request", "expense-one.manager")
    assert line.at.utcoffset() is not None


def test_a_line_stays_one_line_whatever_is_put_in() -> None:
    event = AuditEvent.objects.record(
        Actor("a" * 300), "request.voted", "request:one\r\ntwo", "first\nsecond\x00 \u202ethird" + "x" * 600,
        choice="app\x00roved",
    )  # fmt: skip
    event.refresh_from_db()
    assert event.summary.startswith("first second third")
    assert (len(event.actor), len(event.summary)) == (150, 500)
    assert event.object_id == "one two"
    assert event.data == {"choice": "approved"}


def test_things_are_named_as_people_know_them() -> None:
    rita = person("rita")
    request, execution, draft = approval_request(), run(), submission(rita)
    for thing, kind, key in (
        (request, "request", request.approval_id),
        (execution, "run", execution.run_name),
        (draft, "submission", draft.ref),
        (rita, "user", "rita"),
        (request.audience, "audience", str(request.audience_id)),
    ):
        AuditEvent.objects.record(Actor.system("worker"), "thing.seen", thing)
        assert AuditEvent.objects.about(f"{kind}:{key}").count() == 1
    assert AuditEvent.objects.filter(actor="system:worker").count() == 5

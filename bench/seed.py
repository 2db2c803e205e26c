"""A used portal's tables, written by the database itself: a million rows in a minute or so."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection

from approvals.models import Audience, AudienceMember, User

PEOPLE: dict[str, list[str]] = {
    "anna": ["managers", "finance"],
    "ben": ["managers"],
    "olga": ["auditors"],
    "rita": [],
}
NAMED_MANAGERS = 200
DETAILS = (
    '{"lines": [' + ", ".join(['{"date": "2026-11-20", "category": "travel", "amount": "120.25", "text": "Train"}'] * 5)
    + "]}"
)  # fmt: skip


def requests(rows: int) -> None:
    """Store requests, 5 % of them pending.

    Of ten pending ones six wait for managers, three for finance, one for somebody by name. Those of finance stand
    under a policy of the portal, half of them in a step with a time of its own.
    """
    managers, finance = audience("group:managers"), audience("group:finance")
    first_named = min(audience(f"user:manager{number}") for number in range(NAMED_MANAGERS))
    own = audience("user:anna")
    turn = "(i / 20) % 10"
    asked = f"CASE WHEN {turn} < 6 THEN {managers} WHEN {turn} < 9 THEN {finance} WHEN (i / 200) % 7 = 0 THEN {own} "
    refined = f"i % 20 = 0 AND {turn} IN (6, 7, 8)"
    insert(
        "approvals_approvalrequest",
        rows,
        approval_id="'expense-' || i || '.manager'",
        run_name="'expense-' || i",
        run_arn="'arn:aws:lambda:us-east-1:000000000000:function:expense:live/durable-execution/expense-' || i",
        workflow="'expense'",
        stage="'manager'",
        kind="'approval'",
        title="'Journey no. ' || i || ' to the supplier in Lyon'",
        summary="'Five journeys by train, and two nights.'",
        requester="'person' || (i % 3000)",
        amount="(i % 4000) + 0.5",
        currency="'EUR'",
        details=as_json(f"'{DETAILS}'"),
        attachments=as_json("'[]'"),
        policy=as_json(
            f'CASE WHEN {turn} < 6 THEN \'{{"groups": ["managers"]}}\' ELSE \'{{"groups": ["finance"]}}\' END'
        ),
        options=as_json('\'["approved", "rejected"]\''),
        audience_id=f"{asked} ELSE {first_named} + (i / 200) % {NAMED_MANAGERS} END",
        excluded="'|'",
        status="CASE WHEN i % 20 = 0 THEN 'pending' WHEN i % 50001 = 7 THEN 'error'"
        " WHEN i % 9 = 0 THEN 'rejected' ELSE 'approved' END",
        events=as_json("'[]'"),
        content_digest=f"'{'a' * 64}'",
        created_at=moment(f"i - {rows}"),
        updated_at=moment(f"i - {rows}"),
        expires_at=f"CASE WHEN i % 20 = 0 THEN {moment('60 + (i % 40009) * 7 % 40000')}"
        f" ELSE {moment(f'i - {rows} + 2880')} END",
        version="2",
        waits_for_id=f"CASE WHEN {refined} THEN {finance} END",
        waits_until=f"CASE WHEN {refined} AND (i / 200) % 2 = 0 THEN {moment('30 + i % 30011 * 7 % 30000')} END",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO approvals_effectivepolicy (request_id, because, manager, excluded, handed_over, step, state,"
            " opened_at, due_at) SELECT id, '', '', '|', '|', 0, 'open', created_at, waits_until"
            " FROM approvals_approvalrequest WHERE waits_for_id IS NOT NULL"
        )


def search() -> None:
    """Store the line of words of every request, as the worker would write it, with a word of one request in forty.

    What is put to finance holds a word that nothing else does.
    """
    scope = "'§a' || audience_id || CASE WHEN status = 'pending' THEN ' §p' || audience_id ELSE ' settledonly' END"
    words = (
        "' journey no ' || id || ' to the supplier in lyon ' || requester || ' expense manager five journeys by train"
        " and two nights 2026 11 20 travel 120 25 colour' || (id % 40) || ' '"
        f" || CASE WHEN audience_id = {audience('group:finance')} THEN 'payout ' ELSE '' END"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO approvals_searchline (request_id, words) SELECT id, ' ' || {scope} || {words}"
            " FROM approvals_approvalrequest"
        )
        cursor.execute("ANALYZE")


def record(rows: int) -> None:
    """Store as many runs, deliveries and lines of the record."""
    created = moment(f"i - {rows}")
    insert(
        "approvals_run", rows,
        run_name="'expense-' || i", run_arn="''", workflow="'expense'", requester="'person' || (i % 3000)",
        title="'Journey no. ' || i", input=as_json("'{}'"), current_step="'manager'", progress=as_json("'[]'"),
        status="CASE WHEN i % 20 = 0 THEN 'waiting' WHEN i % 50001 = 7 THEN 'failed' ELSE 'succeeded' END",
        created_at=created, updated_at=created, version="3",
    )  # fmt: skip
    insert(
        "approvals_delivery", rows,
        key="'start:expense-' || i", kind="'start'", payload="'{}'", attempts="1", next_try_at=created, run_arn="''",
        state="CASE WHEN i % 50001 = 7 THEN 'stuck' ELSE 'delivered' END", error_kind="''", error="''",
        created_at=created,
    )  # fmt: skip
    insert(
        "approvals_auditevent", rows,
        at=created, actor="'person' || (i % 3000)",
        object_kind="CASE WHEN i % 3 = 0 THEN 'submission' ELSE 'request' END",
        action="CASE WHEN i % 50001 = 7 THEN 'delivery.stuck' WHEN i % 3 = 0 THEN 'submission.submitted'"
        " WHEN i % 3 = 1 THEN 'request.voted' ELSE 'request.decided' END",
        object_id="'expense-' || i || '.manager'", summary="'approved'", data=as_json("'{}'"),
    )  # fmt: skip


def decisions() -> None:
    """Store a vote and a decision for each settled request: the oldest by Anna, far down the table."""
    anna, ben = (User.objects.get(username=name).pk for name in ("anna", "ben"))
    fresh = "gen_random_uuid()" if is_postgresql() else "lower(hex(randomblob(16)))"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO approvals_decision (request_id, decision_id, choice, comments, decided_by_id, decided_at)"
            f" SELECT id, {fresh}, status, '', CASE WHEN id <= 600 THEN {anna} ELSE {ben} END, created_at"
            " FROM approvals_approvalrequest WHERE status IN ('approved', 'rejected')"
        )
        cursor.execute(
            "INSERT INTO approvals_vote (request_id, voter_id, choice, comment, policy, seats, shown_version,"
            f" content_digest, created_at) SELECT request_id, decided_by_id, choice, '', {as_json("'{}'")},"
            f" {as_json("'[]'")}, 1, '', decided_at"
            " FROM approvals_decision"
        )


def insert(table: str, rows: int, **columns: str) -> None:
    """Store ``rows`` rows; each column is an SQL expression over ``i``, which counts from one."""
    names, values = ", ".join(columns), ", ".join(columns.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names})"
            f" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT {values} FROM n"
        )


def audience(principal: str) -> Any:
    """Return the id of the audience of one principal."""
    found, made = Audience.objects.get_or_create(key=principal)
    if made:
        AudienceMember.objects.create(audience=found, principal=principal)
    return found.pk


def is_postgresql() -> bool:
    """Whether the database is PostgreSQL rather than SQLite."""
    return connection.vendor == "postgresql"


def as_json(expression: str) -> str:
    """A text expression as the column type that holds JSON."""
    return f"CAST({expression} AS jsonb)" if is_postgresql() else expression


def moment(minutes: str) -> str:
    """A time this many minutes from now, as an SQL expression."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if is_postgresql():
        return f"(timestamptz '{now}+00' + ({minutes}) * interval '1 minute')"
    return f"datetime('{now}', ({minutes}) || ' minutes')"

"""Change notices into the mirror: whatever is repeated, late or spoilt, the row is the newest item."""

import itertools
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from approvals.aws.faults import Retryable
from approvals.aws.items import raw_item
from approvals.mirror.refresh import Refresher
from approvals.mirror.tables import REQUESTS
from approvals.models import ApprovalRequest, Audience, AuditEvent, Run
from approvals.models.content import content_of, digest_of
from tests.portal_cloud import Aws, request_item, settled, wire_item
from tests.stack import resources
from tests.unit.mirror.conftest import Take, notice

pytestmark = pytest.mark.django_db(transaction=True)


def recorded(item: dict[str, Any]) -> list[str]:
    """What the record says of a request."""
    return list(AuditEvent.objects.about(f"request:{item['approval_id']}").values_list("action", flat=True))


def test_a_new_request_appears_with_all_that_a_decider_is_shown(aws: Aws, take: Take) -> None:
    item = aws.put_request()
    aws.send(notice(item))
    assert take().written == 1
    row = ApprovalRequest.objects.get()
    assert (row.approval_id, row.status, row.amount, row.version) == (
        item["approval_id"], "pending", Decimal("240.5000"), 1,
    )  # fmt: skip
    assert row.details == {"lines": [{"amount": "240.5", "category": "travel", "nights": 2}]}
    assert row.expires_at == datetime.fromisoformat(item["expires_at"])
    assert row.excluded == "|rita|"
    assert list(row.audience.members.values_list("principal", flat=True)) == ["group:managers"]  # type: ignore[union-attr]
    assert row.content_digest == digest_of(content_of(row))
    assert recorded(item) == ["request.opened"]
    assert aws.depth(aws.queue) == 0


def test_the_callback_id_never_reaches_the_mirror(aws: Aws, take: Take) -> None:
    item = aws.put_request()
    aws.send(notice(item))
    take()
    everything = json.dumps([list(model.objects.values()) for model in (ApprovalRequest, AuditEvent)], default=str)
    assert item["callback_id"] not in everything


def test_a_run_appears_and_its_end_is_recorded_once(aws: Aws, take: Take) -> None:
    run = aws.put_run()
    aws.send(notice(run, table="WorkflowRuns"))
    take()
    ended = aws.put_run(**run | {"status": "failed", "error": {"type": "InvalidInput", "message": "No."}, "version": 2})
    for _ in range(3):
        aws.send(notice(ended, table="WorkflowRuns"))
        take()
    row = Run.objects.get()
    assert (row.status, row.error, row.version) == ("failed", {"type": "InvalidInput", "message": "No."}, 2)
    events = AuditEvent.objects.about(f"run:{run['run_name']}").values_list("action", "summary")
    assert list(events) == [("run.started", "Train to Lyon"), ("run.ended", "failed: No.")]


def test_ten_copies_of_a_notice_change_nothing_more(aws: Aws, take: Take) -> None:
    item = aws.put_request()
    for _ in range(10):
        aws.send(notice(item, item))
    assert take().written == 1
    for _ in range(10):
        aws.send(notice(item))
    assert take().written == 0
    assert recorded(item) == ["request.opened"]


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_in_whatever_order_versions_come_the_newest_stays(aws: Aws, order: tuple[int, ...]) -> None:
    versions: dict[int, dict[str, Any]] = {1: request_item()}
    versions[2] = settled(versions[1])
    versions[3] = versions[2] | {"summary": "Settled.", "version": 3}
    refresher = Refresher()
    for version in order:
        refresher.by_pages(REQUESTS, [[raw_item(wire_item(versions[version]))]])
    row = ApprovalRequest.objects.get()
    assert (row.version, row.status, row.summary) == (3, "approved", "Settled.")
    assert sorted(set(recorded(versions[1]))) == ["request.opened", "request.settled"]
    assert len(recorded(versions[1])) == 2


def test_an_older_item_never_overwrites_a_decided_row(aws: Aws) -> None:
    item = request_item()
    refresher = Refresher()
    refresher.by_pages(REQUESTS, [[raw_item(wire_item(settled(item)))]])
    # Past the question whether it is newer, as a slow worker would come.
    from approvals.mirror.upsert import apply

    rows = refresher._audiences.settled([REQUESTS.row_of(raw_item(wire_item(item)))])
    assert apply(REQUESTS, rows) == 0
    assert ApprovalRequest.objects.get().status == "approved"


def test_the_guard_stands_in_the_statement_itself(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    from approvals.mirror import upsert

    item = request_item()
    refresher = Refresher()
    refresher.by_pages(REQUESTS, [[raw_item(wire_item(settled(item)))]])
    monkeypatch.setattr(upsert, "_known", lambda table, keys: {})
    upsert.apply(REQUESTS, refresher._audiences.settled([REQUESTS.row_of(raw_item(wire_item(item)))]))
    assert ApprovalRequest.objects.get().version == 2


def test_a_notice_of_what_is_known_reads_no_item(aws: Aws, take: Take) -> None:
    item = aws.put_request()
    aws.send(notice(item))
    take()
    aws.script("BatchGetItem", AssertionError("asked for an item that is known"))
    aws.send(notice(item))
    assert take().written == 0


def test_more_items_than_one_read_takes_come_all(aws: Aws, take: Take) -> None:
    items = [aws.put_request() for _ in range(130)]
    for some in itertools.batched(items, 25, strict=False):
        aws.send(notice(*some))
    assert take().written == 130
    assert ApprovalRequest.objects.count() == 130
    assert Audience.objects.count() == 1


POISON: list[Any] = [
    "not json",
    "[]",
    {"changes": []},
    {"changes": "all"},
    {"changes": [{"table": "Users", "key": "x", "version": 1}]},
    {"changes": [{"table": "ApprovalRequests", "key": "", "version": 1}]},
    {"changes": [{"table": "ApprovalRequests", "key": "x", "version": "1"}]},
    {"changes": [{"table": "ApprovalRequests", "key": "x", "version": True}]},
    {"detail-type": "Durable Execution Status Change", "source": "somebody"},
    {"detail-type": "Durable Execution Status Change", "source": "aws.lambda", "detail": {"durableExecutionArn": "x"}},
]


@pytest.mark.parametrize("poison", POISON)
def test_a_poison_notice_stays_and_the_rest_flows_on(aws: Aws, take: Take, poison: Any) -> None:
    item = aws.put_request()
    aws.send(poison)
    aws.send(notice(item))
    assert take().deleted == 1
    assert ApprovalRequest.objects.count() == 1
    assert aws.depth(aws.queue) == 1


def test_a_poison_notice_is_on_the_record_when_it_goes_to_the_dead_letters(aws: Aws) -> None:
    from approvals.aws import queue
    from approvals.mirror.intake import LAST_RECEIVE, Intake

    redrive = resources()["ChangesQueue"]["Properties"]["RedrivePolicy"]
    assert redrive["maxReceiveCount"] == LAST_RECEIVE
    aws.send("not json")
    for _ in range(5):
        assert not AuditEvent.objects.filter(action="notice.given_up").exists()
        [message] = queue.receive(1)
        Intake().take([message])
        queue.postpone(message, 0)
    assert queue.receive(0) == []
    assert aws.depth(aws.dead) == 1
    event = AuditEvent.objects.get(action="notice.given_up")
    assert event.summary == "The message is not JSON."


def test_an_item_that_cannot_be_mirrored_keeps_only_its_own_message(aws: Aws, take: Take) -> None:
    odd, good = aws.put_request(status="perhaps"), aws.put_request()
    aws.send(notice(odd))
    aws.send(notice(good))
    taken = take()
    assert (taken.written, taken.deleted) == (1, 1)
    assert ApprovalRequest.objects.get().approval_id == good["approval_id"]


def test_a_table_that_does_not_answer_leaves_every_message(aws: Aws, take: Take) -> None:
    item = aws.put_request()
    aws.send(notice(item))
    aws.script("BatchGetItem", *[(500, "InternalServerError")] * 3)
    with pytest.raises(Retryable):
        take()
    assert aws.depth(aws.queue) == 1


def test_an_item_that_is_gone_is_noted_once_and_its_row_kept(aws: Aws, take: Take) -> None:
    item = aws.put_request()
    aws.send(notice(item))
    take()
    aws.remove_request(item["approval_id"])
    for _ in range(2):
        aws.send(notice(item | {"version": 2}))
        take()
    assert ApprovalRequest.objects.count() == 1
    assert recorded(item) == ["request.opened", "request.item_gone"]


def test_a_notice_of_an_item_that_never_was_harms_nothing(aws: Aws, take: Take) -> None:
    aws.send({"changes": [{"table": "ApprovalRequests", "key": "nobody.manager", "version": 3}]})
    assert take().deleted == 1
    assert not AuditEvent.objects.exists()

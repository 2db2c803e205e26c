"""What the mirror leaves for people to be told: one row for a first sight, and nothing of last year."""

from datetime import UTC, datetime, timedelta

import pytest

from approvals.models import ApprovalRequest, Occasion
from approvals.models.clock import utc_text
from tests.portal_cloud import Aws, settled
from tests.unit.mirror.conftest import Take, notice

pytestmark = pytest.mark.django_db(transaction=True)


def causes() -> list[str]:
    """The causes so far, without the ids that differ from run to run."""
    return [cause.partition(":")[0] for cause in Occasion.objects.order_by("pk").values_list("cause", flat=True)]


def test_a_request_seen_first_is_one_occasion_however_often_it_is_told(aws: Aws, take: Take) -> None:
    item = aws.put_request()
    for _ in range(10):
        aws.send(notice(item))
        take()
    aws.amend(item["approval_id"], title="Train to Nice")
    aws.send(notice(item | {"version": 2}))
    take()
    assert ApprovalRequest.objects.get().title == "Train to Nice"
    assert causes() == ["turn"]


def test_a_settled_request_is_over_for_those_asked_and_an_outcome_for_the_requester(aws: Aws, take: Take) -> None:
    item = aws.put_request()
    aws.send(notice(item))
    take()
    done = settled(item)
    aws._put(aws.approvals, done)
    aws.send(notice(done))
    take()
    take()
    assert causes() == ["turn", "over", "outcome"]


def test_a_request_that_is_settled_when_it_is_seen_first_asks_nobody(aws: Aws, take: Take) -> None:
    done = settled(aws.put_request())
    aws._put(aws.approvals, done)
    aws.send(notice(done))
    take()
    assert causes() == ["outcome"]


def test_a_mirror_that_is_rebuilt_tells_nobody_of_last_week(aws: Aws, take: Take) -> None:
    week_ago = utc_text(datetime.now(UTC) - timedelta(days=7))
    done = settled(aws.put_request(), settled_at=week_ago)
    aws._put(aws.approvals, done)
    ended = aws.put_run(status="succeeded", updated_at=week_ago)
    aws.send(notice(done))
    aws.send(notice(ended, table="WorkflowRuns"))
    take()
    assert causes() == []


def test_the_end_of_a_run_is_an_occasion_that_holds_what_it_takes_to_say_it(aws: Aws, take: Take) -> None:
    run = aws.put_run(status="failed", error={"message": "No budget left."})
    aws.send(notice(run, table="WorkflowRuns"))
    take()
    occasion = Occasion.objects.get()
    assert occasion.cause == f"outcome:run:{run['run_name']}"
    assert occasion.data == {
        "of": "run", "status": "failed", "requester": "rita", "title": "Train to Lyon", "workflow": "expense",
    }  # fmt: skip


def test_no_occasion_holds_a_callback_id(aws: Aws, take: Take) -> None:
    item = aws.put_request()
    aws.send(notice(item))
    take()
    assert item["callback_id"] not in str(list(Occasion.objects.values()))

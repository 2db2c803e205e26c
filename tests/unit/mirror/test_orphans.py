"""A run that ends without settling its requests: whoever waited is told, once, whatever is heard twice."""

from typing import Any

import pytest
from pytest_django import Settings

from approvals.mailing.post import Postman
from approvals.mirror import overdue as module
from approvals.mirror.reconcile import reconcile
from approvals.models import ApprovalRequest, Notification, Occasion, Topic
from tests.factories import person
from tests.portal_cloud import Aws, Item, run_arn
from tests.unit.mirror.conftest import Take, notice, status_event
from tests.unit.mirror.test_ended import ago
from tests.unit.notifying.conftest import tell_all

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "expense-dead123"
EVERYBODY = [("anna", "over"), ("ben", "over"), ("rita", "outcome")]


@pytest.fixture(autouse=True)
def _people(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SENDS_EMAIL = True
    monkeypatch.setattr(module, "PACE", 0)
    for name, groups in {"rita": (), "anna": ("managers",), "ben": ("managers",), "carl": ("finance",)}.items():
        person(name, *groups, email=f"{name}@example.com")


def asked(aws: Aws, take: Take) -> Item:
    """A request that waits, with its run, both known here; the managers were asked."""
    run, item = aws.put_run(run_name=NAME), aws.put_request(run_name=NAME)
    aws.send(notice(item))
    aws.send(notice(run, table="WorkflowRuns"))
    take()
    tell_all()
    return item


def died(aws: Aws, take: Take, status: str = "FAILED") -> None:
    """The event of the run's end is heard, and then what that changed."""
    aws.send(status_event(NAME, run_arn(NAME), status, ago(seconds=30)))
    take()


def mirrored(aws: Aws, take: Take) -> None:
    """The stream tells of the closed request."""
    for request in ApprovalRequest.objects.all():
        item = aws.request(request.approval_id)
        aws.send(notice(item | {"version": int(item["version"])}))
    take()


def told() -> list[tuple[str, str]]:
    """Who was told that the request is over, or what became of it, each as often as they were."""
    tell_all()
    rows = Notification.objects.filter(request__isnull=False).exclude(occasion__topic=Topic.TURN)
    return sorted(rows.values_list("person__username", "occasion__topic"))


def test_the_requester_and_those_asked_are_told_how_it_ended(aws: Aws, take: Take, mailoutbox: list[Any]) -> None:
    asked(aws, take)
    died(aws, take)
    mirrored(aws, take)
    assert told() == EVERYBODY
    while Postman().step() == 0:
        pass
    ends = [mail for mail in mailoutbox if "The run failed before anybody answered. Nothing was approved." in mail.body]
    assert {address for mail in ends for address in mail.to} >= {"rita@example.com"}
    assert all(f"/requests/{NAME}.manager/" in mail.body or "/by-mail/" in mail.body for mail in ends)


def test_a_repeated_status_event_and_a_reconcile_tell_nobody_twice(aws: Aws, take: Take) -> None:
    asked(aws, take)
    for _ in range(3):
        died(aws, take)
        mirrored(aws, take)
        assert told() == EVERYBODY
    aws.executions[run_arn(NAME)] = "FAILED"
    reconcile()
    assert told() == EVERYBODY


def test_a_worker_killed_after_the_item_was_closed_still_tells(aws: Aws, take: Take) -> None:
    """The item says that it was closed, and nothing in the portal does: the event is gone, the stream was not heard."""
    asked(aws, take)
    died(aws, take)
    assert told() == []
    reconcile()
    assert told() == EVERYBODY


def test_a_crash_in_the_mirrors_transaction_leaves_neither_the_closing_nor_a_word(
    aws: Aws, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(aws, take)
    died(aws, take)
    with monkeypatch.context() as patch:
        patch.setattr(type(Occasion.objects.all()), "leave_all", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mirrored(aws, take)
    assert (ApprovalRequest.objects.get().status, told()) == ("pending", [])
    reconcile()
    assert (ApprovalRequest.objects.get().status, told()) == ("error", EVERYBODY)


def test_an_answer_that_was_not_valid_is_no_orphan(aws: Aws, take: Take) -> None:
    item = asked(aws, take)
    events = [*item["events"], {"seq": 2, "at": ago(), "actor": "workflow", "action": "settled", "note": "error"}]
    aws.amend(item["approval_id"], status="error", settled_at=ago(), events=events)
    mirrored(aws, take)
    request = ApprovalRequest.objects.get()
    assert (request.status, request.orphaned) == ("error", "")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("STOPPED", "The run was stopped"), ("TIMED_OUT", "The run reached its time limit"), ("FAILED", "The run failed")],
)
def test_people_read_how_the_run_ended_and_not_lambdas_own_words(
    aws: Aws, take: Take, status: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from approvals.mirror import ended

    monkeypatch.setattr(ended, "_reason", lambda *_: f"{sentence} (KeyError: secret)")
    item = asked(aws, take)
    died(aws, take, status)
    mirrored(aws, take)
    assert "secret" in aws.request(item["approval_id"])["events"][-1]["note"]
    assert ApprovalRequest.objects.get().orphaned == sentence

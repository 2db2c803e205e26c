"""A run that ends without settling its requests: whoever waited is told, once, whatever is heard twice."""

from typing import Any

import pytest
from pytest_django import Settings

from approvals.delivery.mail import send_due
from approvals.mirror import overdue as module
from approvals.mirror.reconcile import reconcile
from approvals.models import ApprovalRequest, AuditEvent, Mail
from tests.factories import person, policy
from tests.portal_cloud import Aws, Item, run_arn
from tests.unit.mirror.conftest import Take, notice, status_event
from tests.unit.mirror.test_ended import ago

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "expense-dead123"


@pytest.fixture(autouse=True)
def _mail_is_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MAIL_URL = "smtp://localhost"
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    monkeypatch.setattr(module, "PACE", 0)


@pytest.fixture(autouse=True)
def _people() -> None:
    for name, groups in {"rita": (), "anna": ("managers",), "ben": ("managers",), "carl": ("finance",)}.items():
        person(name, *groups, email=f"{name}@example.com")


def asked(aws: Aws, take: Take, **fields: Any) -> Item:
    """A request that waits, with its run, both known here."""
    run, item = aws.put_run(run_name=NAME), aws.put_request(run_name=NAME, **fields)
    aws.send(notice(item))
    aws.send(notice(run, table="WorkflowRuns"))
    take()
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


def told() -> list[str]:
    return sorted(Mail.objects.values_list("recipient__username", flat=True))


def test_the_requester_and_those_asked_are_told(aws: Aws, take: Take, mailoutbox: list[Any]) -> None:
    asked(aws, take)
    died(aws, take)
    mirrored(aws, take)
    send_due()
    assert {address for mail in mailoutbox for address in mail.to} == {
        "rita@example.com", "anna@example.com", "ben@example.com",
    }  # fmt: skip
    for mail in mailoutbox:
        assert "The run failed before anybody answered." in mail.body
        assert f"/requests/{NAME}.manager/" in mail.body
    event = AuditEvent.objects.get(action="request.orphaned")
    assert (event.actor, sorted(event.data["told"])) == ("system:mirror", ["anna", "ben", "rita"])


def test_a_repeated_status_event_and_a_reconcile_tell_nobody_twice(aws: Aws, take: Take, mailoutbox: list[Any]) -> None:
    asked(aws, take)
    for _ in range(3):
        died(aws, take)
        mirrored(aws, take)
        send_due()
    aws.executions[run_arn(NAME)] = "FAILED"
    reconcile()
    send_due()
    assert len(mailoutbox) == 3
    assert AuditEvent.objects.filter(action="request.orphaned").count() == 1


def test_a_worker_killed_after_the_item_was_closed_still_tells(aws: Aws, take: Take) -> None:
    """The item says that it was closed, and nothing in the portal does: the event is gone, the stream was not heard."""
    asked(aws, take)
    died(aws, take)
    assert told() == []
    reconcile()
    assert told() == ["anna", "ben", "rita"]


def test_a_crash_in_the_mirrors_transaction_leaves_neither_the_closing_nor_a_mail(
    aws: Aws, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    from approvals.mirror import orphans

    asked(aws, take)
    died(aws, take)
    with monkeypatch.context() as patch:
        patch.setattr(orphans.AuditEvent.objects, "record", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mirrored(aws, take)
    assert (ApprovalRequest.objects.get().status, told()) == ("pending", [])
    reconcile()
    assert (ApprovalRequest.objects.get().status, told()) == ("error", ["anna", "ben", "rita"])


def test_who_may_not_answer_was_not_waited_for_and_an_account_that_left_is_not_written_to(aws: Aws, take: Take) -> None:
    asked(aws, take, policy=policy("managers", "finance", users=("dora",), exclude=("rita", "Ben")))
    for name in ("dora", "anna"):
        person(name).__class__.objects.filter(username=name).update(is_active=name == "dora")
    died(aws, take)
    mirrored(aws, take)
    assert told() == ["carl", "dora", "rita"]


def test_without_mail_or_address_the_pages_alone_tell(aws: Aws, take: Take, settings: Settings) -> None:
    person("rita").__class__.objects.filter(username="rita").update(email="")
    asked(aws, take)
    died(aws, take)
    mirrored(aws, take)
    assert Mail.objects.get(recipient__username="rita").error == "The account has no e-mail address."
    assert Mail.objects.get(recipient__username="anna").state == "queued"
    Mail.objects.all().delete()
    settings.MAIL_URL = ""
    ApprovalRequest.objects.update(status="pending", version=1)
    mirrored(aws, take)
    assert set(Mail.objects.values_list("state", flat=True)) == {"unsent"}


def test_a_mirror_rebuilt_from_nothing_does_not_write_about_last_year(aws: Aws) -> None:
    closed = {"actor": "reconcile", "action": "closed", "note": "The run failed before this request was answered."}
    for days in (2, 0):
        events = [{"seq": 1, "at": ago(days=days), **closed}]
        aws.put_request(run_name=f"{NAME}-{days}", status="error", events=events, settled_at=ago(days=days, minutes=5))
    reconcile()
    assert set(Mail.objects.values_list("request__run_name", flat=True)) == {f"{NAME}-0"}


def test_an_answer_that_was_not_valid_is_no_orphan(aws: Aws, take: Take) -> None:
    item = asked(aws, take)
    events = [*item["events"], {"seq": 2, "at": ago(), "actor": "workflow", "action": "settled", "note": "error"}]
    aws.amend(item["approval_id"], status="error", settled_at=ago(), events=events)
    mirrored(aws, take)
    assert ApprovalRequest.objects.get().status == "error"
    assert told() == []


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

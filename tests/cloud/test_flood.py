"""Two hundred expenses at once: as many settled runs, and not one row, event, mail or reimbursement twice."""

import json
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connection

from approvals.models import ApprovalRequest, AuditEvent, Decision, Delivery, Letter, Run, Submission, Vote
from local.processes import ROOT
from tests.office import Office
from tests.waiting import PATIENCE_SECONDS

pytestmark = [pytest.mark.cloud]

# What is asked, how often, and how it ends.
KINDS = [("49.00", "pass", 40, "succeeded"), ("240.50", "approve", 120, "succeeded")]
KINDS += [("240.50", "reject", 30, "denied"), ("1500.00", "approve twice", 10, "succeeded")]
RUNS = sum(count for _, _, count, _ in KINDS)
ASKED = 120 + 30 + 2 * 10


class Mails:
    """What people would be mailed: a subscription of the stack's own topic."""

    def __init__(self, office: Office) -> None:
        self._sqs, self._sns = office.aws("sqs"), office.aws("sns")
        self._queue = self._sqs.create_queue(QueueName=f"mails-{uuid.uuid4().hex}")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        self._subscription = self._sns.subscribe(
            TopicArn=office.env["NOTIFICATIONS_TOPIC_ARN"], Protocol="sqs", Endpoint=attributes["QueueArn"],
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]  # fmt: skip

    def arrived(self) -> Counter[str]:
        """Mails by the request that they are about; each is taken once."""
        found: Counter[str] = Counter()
        while messages := self._receive():
            found.update(json.loads(one["Body"])["MessageAttributes"]["approval_id"]["Value"] for one in messages)
            entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(messages)]
            self._sqs.delete_message_batch(QueueUrl=self._queue, Entries=entries)
        return found

    def _receive(self) -> list[Any]:
        answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        return list(answer.get("Messages", []))

    def end(self) -> None:
        """Unsubscribe."""
        self._sns.unsubscribe(SubscriptionArn=self._subscription)
        self._sqs.delete_queue(QueueUrl=self._queue)


@contextmanager
def deciding(office: Office, *usernames: str) -> Iterator[Any]:
    """A process of approvers at work; it gives back what it counted when it ends."""
    argv = [sys.executable, "-m", "tests.cloud.deciders", *usernames]
    counted: dict[str, int] = {}
    with subprocess.Popen(
        argv, cwd=ROOT, env=office.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield counted
            out, _ = process.communicate(timeout=PATIENCE_SECONDS)
            counted |= json.loads(out)
        finally:
            process.kill()


def submit_all(office: Office) -> dict[str, str]:
    """Submit everything from a few threads; run names with the ends that they must come to."""
    wanted = [(amount, words, end) for amount, words, count, end in KINDS for _ in range(count)]

    def one(expense: tuple[str, str, str]) -> tuple[str, str]:
        amount, words, end = expense
        try:
            return office.submit(amount, description=words), end
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        return dict(threads.map(one, wanted))


def settled(ends: dict[str, str]) -> bool:
    """Whether every run has ended, and every decision has arrived."""
    open_runs = len(ends) - Run.objects.filter(run_name__in=ends, status__in=["succeeded", "denied"]).count()
    return not open_runs and not Delivery.objects.waiting().exists() and not pending(ends).exists()


def pending(ends: dict[str, str]) -> Any:
    """Requests that still wait in the mirror."""
    return ApprovalRequest.objects.filter(run_name__in=ends, status="pending")


def test_two_hundred_expenses_end_as_two_hundred_settled_runs_and_nothing_is_doubled(office: Office) -> None:
    mails = Mails(office)
    with ExitStack() as stack:
        stack.callback(mails.end)
        for _ in range(2):
            office.hire_worker()
        deciders = [
            stack.enter_context(deciding(office, "adam", "fiona")),
            stack.enter_context(deciding(office, "anna", "fiona")),
        ]
        ends = submit_all(office)
        office.until(lambda: settled(ends), f"{RUNS} runs have ended")
        arrived = mails.arrived()
    assert Counter(deciders[0]) + Counter(deciders[1]) >= Counter(counted=ASKED)
    check_runs(office, ends)
    check_portal(ends)
    asked = set(ApprovalRequest.objects.filter(run_name__in=ends).values_list("approval_id", flat=True))
    assert {key: count for key, count in arrived.items() if key in asked} == dict.fromkeys(asked, 1)


def check_runs(office: Office, ends: dict[str, str]) -> None:
    """Every run ended as it must, was one execution, and paid at most once."""
    assert {run.run_name: run.status for run in Run.objects.filter(run_name__in=ends)} == ends
    paid: Counter[str] = Counter()
    for name, end in ends.items():
        item = office.run_item(name)
        steps = [line["step"] for line in item["progress"]]
        assert len(steps) == len({(line.get("key") or line["step"]) for line in item["progress"]}), steps
        assert steps.count("reimbursement") == (end == "succeeded")
        if end == "succeeded":
            paid[item["reimbursement"]["reimbursement_id"]] += 1
    assert set(paid.values()) == {1}
    assert len(paid) == list(ends.values()).count("succeeded")
    arns = [run.run_arn for run in Run.objects.filter(run_name__in=ends)]
    assert len(set(arns)) == RUNS


def check_portal(ends: dict[str, str]) -> None:
    """One submission, request, vote, decision, delivery and line of the record for each thing that happened."""
    requests = ApprovalRequest.objects.filter(run_name__in=ends)
    assert requests.count() == ASKED
    for request in requests:
        assert [event["action"] for event in request.events] == ["opened", "notified", "decided", "settled"]
        assert [event["seq"] for event in request.events] == [1, 2, 3, 4]
        assert request.decision is not None
        assert request.decision["decision_id"] == str(request.recorded.decision_id)
    assert Submission.objects.filter(run_name__in=ends).count() == RUNS
    assert Vote.objects.filter(request__in=requests).count() == ASKED
    assert Decision.objects.filter(request__in=requests).count() == ASKED
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"delivered": RUNS + ASKED}
    keys = [*ends, *requests.values_list("approval_id", flat=True), *Delivery.objects.values_list("key", flat=True)]
    told = Counter(AuditEvent.objects.filter(object_id__in=keys).values_list("action", "object_id"))
    # A delivery may be retried, and each topic is told by a line of its own.
    often = {"delivery.retrying", "request.told"}
    assert {key for key, count in told.items() if count > 1 and key[0] not in often} == set()
    letters = Letter.objects.values_list("person", "notifications__occasion")
    assert max(Counter(letters).values(), default=0) <= 1
    by_action = Counter(action for action, _ in told)
    assert by_action["run.started"] == by_action["run.ended"] == RUNS
    assert by_action["request.opened"] == by_action["request.decided"] == by_action["request.settled"] == ASKED
    assert by_action["delivery.accepted"] == RUNS + ASKED

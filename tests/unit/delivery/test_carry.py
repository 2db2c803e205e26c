"""A delivery on its way: the decision is in the item, the workflow is woken, and every answer of AWS has its end."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, NoCredentialsError, ReadTimeoutError
from django.utils import timezone

from approvals.delivery.jobs import claim_due
from approvals.delivery.outbox import attempt
from approvals.delivery.record import record
from approvals.models import AuditEvent, Delivery
from tests.portal_cloud import Aws, run_arn
from tests.unit.delivery.conftest import Decide, item_of

pytestmark = pytest.mark.django_db(transaction=True)
SUCCESS = "SendDurableExecutionCallbackSuccess"
FAILURE = "SendDurableExecutionCallbackFailure"


def try_once() -> None:
    """One round of the outbox, whether it is time or not."""
    Delivery.objects.waiting().update(next_try_at=timezone.now() - timedelta(seconds=1))
    record([attempt(job) for job in claim_due(10)])


def steps_of(delivery: Delivery) -> list[str]:
    """What the record says of the delivery."""
    return list(AuditEvent.objects.about(delivery).values_list("action", flat=True))


def test_an_approval_is_written_into_the_item_and_wakes_the_workflow(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    secret = item_of(delivery, aws)["callback_id"]
    try_once()
    item = item_of(delivery, aws)
    assert (item["status"], item["version"]) == ("pending", 2)
    assert item["decision"] == json.loads(delivery.payload)
    assert [(line["seq"], line["actor"], line["action"]) for line in item["events"]][-1] == (2, "anna", "decided")
    [call] = aws.answered()
    assert (call.operation, call.callback_id) == (SUCCESS, secret)
    assert sorted(call.json) == ["comments", "decided_at", "decided_by", "decision", "decision_id"]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind) == ("delivered", "")
    assert delivery.written_at <= delivery.accepted_at <= delivery.finished_at  # type: ignore[operator]
    assert steps_of(delivery) == ["delivery.written", "delivery.accepted"]


def test_a_number_with_decimals_reaches_item_and_workflow_as_it_was_written(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    answer = json.loads(delivery.payload) | {"response": {"amount": 200.05}}
    Delivery.objects.filter(pk=delivery.pk).update(payload=json.dumps(answer))
    try_once()
    assert item_of(delivery, aws)["decision"]["response"] == {"amount": Decimal("200.05")}  # type: ignore[index]
    [call] = aws.answered()
    assert call.json["response"] == {"amount": 200.05}
    assert Delivery.objects.get(pk=delivery.pk).state == "delivered"


def test_a_withdrawal_fails_the_callback_with_its_words(decided: Decide, aws: Aws) -> None:
    delivery = decided("withdrawn", "Not needed any more.")
    try_once()
    [call] = aws.answered()
    assert call.operation == FAILURE
    assert call.json["ErrorType"] == "Withdrawn"
    assert json.loads(call.json["ErrorData"])["decision"] == "withdrawn"
    assert Delivery.objects.get(pk=delivery.pk).state == "delivered"


def test_a_start_carries_the_stored_bytes_and_keeps_the_runs_arn(started: Callable[..., Delivery], aws: Aws) -> None:
    delivery = started("expense-abc1234")
    try_once()
    [call] = aws.calls
    assert call.body.decode() == delivery.payload
    assert call.json["ssn_last4"] == "7913"
    assert call.headers["X-Amz-Invocation-Type"] == "Event"
    assert call.headers["X-Amz-Durable-Execution-Name"] == "expense-abc1234"
    delivery.refresh_from_db()
    assert (delivery.state, delivery.run_arn) == ("delivered", run_arn("expense-abc1234"))
    assert steps_of(delivery) == ["delivery.accepted"]
    assert "7913" not in delivery.payload
    assert "12.50" in delivery.payload


@pytest.mark.parametrize("times", [2, 10])
def test_a_repeated_delivery_writes_nothing_twice(decided: Decide, aws: Aws, times: int) -> None:
    delivery = decided()
    for _ in range(times):
        Delivery.objects.filter(pk=delivery.pk).update(state="queued")
        try_once()
    item = item_of(delivery, aws)
    assert (item["version"], len(item["events"])) == (2, 2)  # type: ignore[arg-type]


def test_another_answer_in_the_item_wins_and_its_author_is_named(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    other = {"decision_id": "other", "decision": "rejected", "decided_by": "ben", "decided_at": "2026-11-21T08:00:00Z"}
    aws.amend(delivery.decision.request.approval_id, decision=other)  # type: ignore[union-attr]
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind) == ("lost", "lost")
    assert delivery.winner == other
    assert aws.answered() == []
    assert item_of(delivery, aws)["decision"] == other
    assert steps_of(delivery) == ["delivery.lost"]


def test_a_timeout_that_settled_first_wins(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    aws.amend(delivery.decision.request.approval_id, status="timeout", settled_at="2026-11-21T08:00:00Z")  # type: ignore[union-attr]
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.winner) == (
        "lost",
        {"decision": "timeout", "decided_by": "", "decided_at": "2026-11-21T08:00:00Z"},
    )


def test_a_request_that_settled_by_our_decision_needs_no_callback(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    ours = json.loads(delivery.payload)
    aws.amend(delivery.decision.request.approval_id, status="approved", decision=ours)  # type: ignore[union-attr]
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind) == ("delivered", "closed")
    assert aws.answered() == []


def test_a_request_closed_as_failed_with_our_decision_in_it_did_not_follow_it(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    aws.amend(delivery.decision.request.approval_id, status="error", decision=json.loads(delivery.payload))  # type: ignore[union-attr]
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.winner["decision"]) == ("lost", "error")  # type: ignore[index]


def test_a_closed_callback_counts_as_taken_because_the_workflow_follows_the_item(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    aws.script(SUCCESS, (400, "CallbackTimeoutException"))
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind) == ("delivered", "closed")
    assert "follows the decision in the item" in delivery.error
    assert item_of(delivery, aws)["decision"] == json.loads(delivery.payload)


def test_a_callback_closed_after_a_lost_answer_was_ours(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    aws.script(SUCCESS, ReadTimeoutError(endpoint_url="http://aws"), (400, "CallbackTimeoutException"))
    try_once()
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("delivered", 2)
    assert "earlier try" in delivery.error


@pytest.mark.parametrize(
    "answer",
    [
        (429, "TooManyRequestsException"),
        (500, "ServiceException"),
        (503, ""),
        (403, "ExpiredTokenException"),
        ConnectTimeoutError(endpoint_url="http://aws"),
        ReadTimeoutError(endpoint_url="http://aws"),
    ],
)
def test_what_passes_is_tried_again_until_it_has_passed(decided: Decide, aws: Aws, answer: Any) -> None:
    delivery = decided()
    aws.script(SUCCESS, answer, answer, answer)
    for _ in range(3):
        try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind, delivery.attempts) == ("queued", "retryable", 3)
    assert delivery.written_at is not None
    assert delivery.next_try_at > timezone.now()
    assert steps_of(delivery) == ["delivery.written", "delivery.retrying"]  # once, not once a try
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind, delivery.error) == ("delivered", "", "")


def test_the_pauses_grow_with_chance_and_are_bounded(decided: Decide, aws: Aws) -> None:
    from approvals.delivery.backoff import wait_after

    waits = [[wait_after(attempts).total_seconds() for _ in range(50)] for attempts in (1, 2, 5, 9, 40)]
    assert all(
        longest / 2 <= one <= longest for longest, some in zip((1, 2, 16, 256, 300), waits, strict=True) for one in some
    )
    assert len(set(waits[4])) > 1


def test_a_refusal_is_believed_only_when_it_stays(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    aws.script(SUCCESS, *[(403, "AccessDeniedException")] * 6)
    for _ in range(5):
        try_once()
    assert Delivery.objects.get(pk=delivery.pk).state == "queued"
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind) == ("stuck", "forbidden")
    assert steps_of(delivery)[-1] == "delivery.stuck"


@pytest.mark.parametrize(
    "answer", [(400, "InvalidParameterValueException"), NoCredentialsError(), (502, "KMSDisabledException")]
)
def test_what_no_retry_can_help_is_stuck_at_once(decided: Decide, aws: Aws, answer: Any) -> None:
    delivery = decided()
    aws.script(SUCCESS, answer)
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind) == ("stuck", "misconfigured")
    assert item_of(delivery, aws)["decision"]  # the workflow honours it when it wakes by itself


def test_a_missing_item_is_stuck_and_names_the_table(decided: Decide, aws: Aws) -> None:
    delivery = decided()
    aws.remove_request(delivery.decision.request.approval_id)  # type: ignore[union-attr]
    try_once()
    delivery.refresh_from_db()
    assert delivery.state == "stuck"
    assert aws.approvals in delivery.error


def test_a_name_that_another_input_has_taken_is_stuck_with_clear_words(
    started: Callable[..., Delivery], aws: Aws
) -> None:
    delivery = started()
    aws.script("Invoke", (409, "DurableExecutionAlreadyStartedException"))
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind) == ("stuck", "misconfigured")
    assert delivery.error == (
        "A run named expense-abc1234 exists and was started with another input. Nothing was started."
    )


def test_a_start_that_meets_throttling_is_tried_again(started: Callable[..., Delivery], aws: Aws) -> None:
    delivery = started()
    aws.script("Invoke", (429, "TooManyRequestsException"))
    try_once()
    assert Delivery.objects.get(pk=delivery.pk).error_kind == "retryable"
    try_once()
    assert Delivery.objects.get(pk=delivery.pk).state == "delivered"
    assert [call.body for call in aws.calls] == [delivery.payload.encode()] * 2


def test_a_workflow_that_the_portal_does_not_know_names_the_variable(started: Callable[..., Delivery]) -> None:
    delivery = started("loan-abc1234", workflow="loan")
    try_once()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("stuck", "This portal knows no workflow loan: set LOAN_WORKFLOW_ARN.")


def test_a_delivery_that_breaks_the_code_is_stuck_by_itself(decided: Decide) -> None:
    broken, whole = decided(), decided()
    Delivery.objects.filter(pk=broken.pk).update(payload="not json")
    try_once()
    assert Delivery.objects.get(pk=broken.pk).state == "stuck"
    assert Delivery.objects.get(pk=whole.pk).state == "delivered"


def test_no_further_call_is_begun_when_the_time_of_a_try_is_over(decided: Decide, aws: Aws) -> None:
    from approvals.delivery.jobs import claim_one

    delivery = decided()
    job = claim_one(delivery.pk, timedelta(0))
    assert job is not None
    record([attempt(job)])
    delivery.refresh_from_db()
    assert (delivery.error_kind, delivery.written_at is not None) == ("retryable", True)
    assert aws.answered() == []


def test_the_callback_id_is_nowhere_but_in_the_item(
    decided: Decide, aws: Aws, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [(400, "InvalidParameterValueException"), (403, "AccessDeniedException"), (500, "ServiceException")]
    aws.script(SUCCESS, *answers, ReadTimeoutError(endpoint_url="http://aws/secret/x"), ValueError("secret/x"))
    secrets = []
    for _ in range(6):
        delivery = decided()
        secrets.append(str(item_of(delivery, aws)["callback_id"]))
        try_once()
    stored = [json.dumps(list(model.objects.values()), default=str) for model in (Delivery, AuditEvent)]
    for secret in secrets:
        assert secret not in "".join(stored)
    assert "secret/" not in "".join(stored)
    assert not [secret for secret in secrets if secret in caplog.text]

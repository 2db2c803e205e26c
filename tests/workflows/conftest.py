"""The cloud of the workflow tests: DynamoDB, SNS and SQS of a MiniStack of their own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from functions import change_relay
from hitl import notify, settings, store
from local.ministack import MiniStack
from tests.workflows.cloud import Cloud, make_cloud
from tests.workflows.stage import Handler, Stage, on_stage
from workflows import expense

LIMITS = {
    "AUTO_APPROVE_LIMIT": "50",
    "FINANCE_LIMIT": "1000",
    "APPROVAL_TIMEOUT_SECONDS": "600",
    "MAX_TIMEOUT_SECONDS": "604800",
    "DOCUMENT_REVISIONS": "2",
    "MODERATION_TIMEOUT_SECONDS": "600",
    "MODERATION_VISIBLE_TYPES": "profile, review",
    "LOAN_APPROVAL_LIMIT": "100000",
    "FRAUD_CHECK_SECONDS": "60",
    "FRAUD_CHECK_FUNCTION_ARN": "fraud-check",
    "TRAVEL_APPROVAL_LIMIT": "500",
    "OPERATOR_WAIT_SECONDS": "600",
    "ALLOW_FAILURE_INJECTION": "true",
    "BOOKINGS_FUNCTION_PREFIX": "bookings-",
}
type Play = Callable[[Handler], Stage]

CACHES = (settings.settings, store.dynamodb, notify.sns, change_relay.sqs, expense.limits)


@pytest.fixture(scope="session")
def ministack() -> Iterator[MiniStack]:
    """One MiniStack for the session."""
    with MiniStack() as running:
        yield running


@pytest.fixture
def cloud(ministack: MiniStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Tables and topic of this test alone, and the environment of the functions that use them."""
    for name, value in (ministack.env | LIMITS).items():
        monkeypatch.setenv(name, value)
    made = make_cloud()
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield made
    _forget()


@pytest.fixture
def play(cloud: Cloud) -> Iterator[Play]:
    """Puts a workflow on a runner that ends with the test."""
    with ExitStack() as stack:
        yield lambda handler: stack.enter_context(on_stage(handler, cloud))


def _forget() -> None:
    """The functions read their environment once per sandbox; each test is a new sandbox."""
    for cache in CACHES:
        cache.cache_clear()

"""Deliveries, and the AWS they go to."""

from collections.abc import Callable

import pytest

from approvals.actions.close import close_request
from approvals.actions.decide import Ballot, decide
from approvals.models import Decision, Delivery
from tests.factories import approval_request, submission, viewer
from tests.portal_cloud import Aws, aws, portal_ministack

__all__ = ["aws", "portal_ministack"]

type Decide = Callable[..., Delivery]


@pytest.fixture
def decided(aws: Aws) -> Decide:
    """A request whose item waits, decided in the portal: gives the delivery."""

    def make(choice: str = "approved", comment: str = "", **fields: object) -> Delivery:
        item = aws.put_request(**fields)
        request = approval_request(
            approval_id=item["approval_id"], run_name=item["run_name"], run_arn=item["run_arn"],
            policy={"groups": ["managers"], "users": [], "required": 1, "exclude": ["rita"]},
        )  # fmt: skip
        if choice == "withdrawn":
            return close_request(viewer("rita"), request.approval_id, comment).delivery
        ballot = Ballot(choice, comment, request.version, request.content_digest)
        _, decision = decide(viewer("anna", "managers"), request.approval_id, ballot)
        assert isinstance(decision, Decision)
        return decision.delivery

    return make


@pytest.fixture
def started(aws: Aws) -> Callable[..., Delivery]:
    """A submission on its way: gives the delivery."""
    from approvals.actions.submit import leave_start
    from tests.factories import person

    def make(run_name: str = "expense-abc1234", **fields: object) -> Delivery:
        sent = submission(person("rita"), run_name=run_name, state="submitted", **fields)
        return leave_start(sent, {"expense_id": sent.ref, "amount": "12.50", "ssn_last4": "7913"})

    return make


def item_of(delivery: Delivery, aws: Aws) -> dict[str, object]:
    """The item that the delivery's decision is for."""
    assert delivery.decision is not None
    return aws.request(delivery.decision.request.approval_id)

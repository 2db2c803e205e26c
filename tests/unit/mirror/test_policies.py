"""The mirror's first sight of a request fixes the policy that it is opened under."""

import pytest

from approvals.actions.policies import save_policy
from approvals.aws.items import raw_item
from approvals.mirror.refresh import Refresher
from approvals.mirror.tables import REQUESTS
from approvals.models import ApprovalRequest, AuditEvent, EffectivePolicy
from approvals.models.pages import Order
from approvals.models.terms import PolicyTerms
from tests.factories import person, viewer
from tests.policies import office, policy_of, rule_for, step
from tests.portal_cloud import request_item, settled, wire_item

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mia() -> None:
    """A manager, whom the policy of these tests picks out of all managers."""
    person("mia", "managers")
    person("anna", "managers")


def waiting(name: str) -> int:
    return len(ApprovalRequest.objects.open().page_of_audiences(viewer(name).audiences, Order.DEADLINE).rows)


def test_a_request_is_opened_under_the_version_of_that_moment_and_says_so() -> None:
    made = policy_of(step(users=("mia",)), name="Mia decides")
    rule_for(made, workflow="expense")
    item = request_item()
    Refresher().by_pages(REQUESTS, [[raw_item(wire_item(item))]])
    assert EffectivePolicy.objects.get().version.number == 1
    line = AuditEvent.objects.get(action="request.policy_fixed")
    assert line.object_id == item["approval_id"]
    assert line.summary == "Mia decides, version 1 (expense)"
    assert (waiting("mia"), waiting("anna")) == (1, 0)


def test_a_newer_item_moves_nothing_of_it() -> None:
    made = policy_of(step(users=("mia",)))
    rule_for(made)
    item = request_item()
    refresher = Refresher()
    refresher.by_pages(REQUESTS, [[raw_item(wire_item(item))]])
    save_policy(office(), made, PolicyTerms((step(users=("anna",)),)), based_on=1)
    refresher.by_pages(REQUESTS, [[raw_item(wire_item(item | {"title": "Another title", "version": 2}))]])
    assert ApprovalRequest.objects.get().title == "Another title"
    assert EffectivePolicy.objects.get().version.number == 1
    assert (waiting("mia"), waiting("anna")) == (1, 0)
    assert AuditEvent.objects.filter(action="request.policy_fixed").count() == 1


def test_a_request_that_was_open_before_the_rule_stays_as_it_was() -> None:
    item = request_item()
    refresher = Refresher()
    refresher.by_pages(REQUESTS, [[raw_item(wire_item(item))]])
    rule_for(policy_of(step(users=("mia",))))
    refresher.by_pages(REQUESTS, [[raw_item(wire_item(item | {"version": 2}))]])
    assert not EffectivePolicy.objects.exists()
    assert waiting("anna") == 1


def test_a_request_that_is_settled_at_first_sight_has_no_policy() -> None:
    rule_for(policy_of(step(users=("mia",))))
    Refresher().by_pages(REQUESTS, [[raw_item(wire_item(settled(request_item())))]])
    assert not EffectivePolicy.objects.exists()


def test_a_policy_that_nobody_can_satisfy_here_is_on_the_record() -> None:
    person("fay", "finance")
    rule_for(policy_of(step("finance")))
    Refresher().by_pages(REQUESTS, [[raw_item(wire_item(request_item()))]])
    assert "Nobody can answer step 1" in AuditEvent.objects.get(action="request.step_blocked").summary

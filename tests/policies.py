"""Policies for tests: the least that says what a test is about."""

from typing import Any

from django.utils import timezone

from approvals.actions.policies import save_policy, save_rule
from approvals.models import ApprovalRequest, EffectivePolicy, Policy, PolicyRule
from approvals.models.terms import Needed, PolicyTerms, Step
from approvals.policy import Standing, Viewer
from tests.factories import approval_request, numbers, person


def step(*groups: str, **fields: Any) -> Step:
    """A step that asks the groups, by default any one of them."""
    return Step(**{"title": " and ".join(groups).title() or "Step", "groups": groups, **fields})


def each(*groups: str, **fields: Any) -> Step:
    """A step that asks one of each group."""
    return step(*groups, needed=Needed.EACH, **fields)


def office() -> Viewer:
    """An admin who edits policies."""
    return Viewer.of(person("adam", "admins"))


def policy_of(*steps: Step, name: str = "", **fields: Any) -> Policy:
    """A policy with these steps, as an admin would have made it."""
    policy = Policy(name=name or f"Policy {next(numbers)}")
    save_policy(office(), policy, PolicyTerms(steps, **fields), based_on=0)
    return policy


def rule_for(policy: Policy, **fields: Any) -> PolicyRule:
    """A rule that picks the policy, by default for everything."""
    return save_rule(office(), PolicyRule(policy=policy, **fields), [])


def opened(*steps: Step, request: dict[str, Any] | None = None, **fields: Any) -> ApprovalRequest:
    """A request that was mirrored while a rule picked a policy with these steps for everything."""
    PolicyRule.objects.all().delete()
    PolicyRule.objects.create(policy=policy_of(*steps, **fields))
    found = approval_request(**(request or {}))
    EffectivePolicy.objects.pin([found], timezone.now())
    found.refresh_from_db()
    return found


def standing(request: ApprovalRequest) -> Standing:
    """How the request stands now."""
    request.refresh_from_db()
    found = Standing.of(request)
    assert found is not None
    return found

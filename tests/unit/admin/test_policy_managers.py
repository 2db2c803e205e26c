"""A policy that asks for the requester's manager is kept with a warning where accounts name none, or one not asked."""

from html import unescape

import pytest
from django.test import Client

from approvals.models import Policy, User
from approvals.models.terms import Needed
from approvals.policy.doubts import doubts_of
from tests.factories import approval_request, person, policy
from tests.policies import policy_of, rule_for, step
from tests.unit.admin.test_policies import ADD, filled

pytestmark = pytest.mark.django_db
RULES = "/admin/approvals/policyrule/add/"


@pytest.fixture(autouse=True)
def people() -> None:
    """Anna is asked by the workflow and is everybody's manager but her own and the boss's."""
    anna = person("anna", "managers", last_name="Adler")
    for name in ("adam", "rita", "ben"):
        User.objects.filter(pk=person(name, *(["admins"] if name == "adam" else [])).pk).update(manager=anna)
    approval_request()


def test_saving_warns_how_many_have_no_manager_and_names_some(as_admin: Client) -> None:
    person("rosa", last_name="Lindqvist")
    person("gone", is_active=False)
    page = as_admin.post(ADD, filled(step1_groups=[], step1_manager="on"), follow=True)
    said = (
        "Step 1 asks the requester's manager, and the accounts of 2 people who may ask name none (Anna Adler, Rosa "
        "Lindqvist): what they send cannot be answered. Name their managers, or ask a group besides."
    )
    assert said in unescape(page.text)
    address = f"/admin/approvals/policy/{Policy.objects.get().pk}/change/"
    assert said in unescape(as_admin.get(address).text)
    for name in ("zoe", "zack"):
        person(name)
    assert "4 people who may ask name none (Anna Adler, Rosa Lindqvist, Zack and 1 more)" in as_admin.get(address).text
    User.objects.filter(manager=None).update(manager=User.objects.get(username="ben"))
    assert "cannot be answered" not in as_admin.get(address).text


def test_a_rule_warns_of_managers_whom_its_workflow_does_not_ask_and_only_of_its_department(as_admin: Client) -> None:
    User.objects.filter(username="rita").update(manager=User.objects.get(username="ben"), department="Sales")
    made = policy_of(step(manager=True))
    rule = {"policy": made.pk, "priority": 10, "active": "on", "workflow": "expense", "department": "Sales"}
    page = unescape(as_admin.post(RULES, rule, follow=True).text)
    assert (
        "Step 1 asks the requester's manager, and expense, stage manager asks managers: the manager of 1 person who "
        "may ask is not among them (Rita), so that what they send cannot be answered."
    ) in page
    assert "names none" not in page
    User.objects.filter(username="rita").update(manager=User.objects.get(username="anna"))
    assert "cannot be answered" not in as_admin.post(RULES, {**rule, "priority": 11}, follow=True).text


def test_there_is_no_doubt_where_others_may_answer_instead_of_the_manager() -> None:
    person("mia", "managers")
    person("max", "managers")
    besides = policy_of(step("managers", manager=True)).newest.terms
    each = policy_of(step("managers", manager=True, needed=Needed.EACH)).newest.terms
    assert [*map(str, doubts_of(besides))] == []
    assert "3 people who may ask name none" in doubts_of(each)[0]


def test_two_rules_for_one_stage_warn_once() -> None:
    approval_request(policy=policy("managers"))
    User.objects.filter(manager=None).update(manager=User.objects.get(username="rita"))
    made = policy_of(step(manager=True))
    both = [rule_for(made, workflow="expense"), rule_for(made, stage="manager")]
    assert len(doubts_of(made.newest.terms, both)) == 1

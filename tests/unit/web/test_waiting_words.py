"""Whom a request waits for: "and" where each must agree, "or" where one is enough, and how many else."""

import pytest
from pytest_django import DjangoAssertNumQueries

from approvals.actions.decide import Ballot, decide
from approvals.actions.handover import add_approver, reassign
from approvals.models import ApprovalRequest
from approvals.models.terms import Needed
from approvals.policy.wanted import read_wanted
from approvals.policy.wording import people_words
from approvals.web.waiting_words import waiting_words
from tests.factories import approval_request, person, policy, viewer
from tests.policies import each, opened, step

pytestmark = pytest.mark.django_db
NAMES = {"jonas": "Jonas Brandt", "priya": "Priya Raman", "adam": "Adam Okafor"}
TWO, THREE = ("jonas", "priya"), ("adam", "jonas", "priya")


@pytest.fixture(autouse=True)
def people() -> None:
    """The managers, of whom the workflow asks any."""
    for name in (*THREE, "mia"):
        person(name, "managers")
    person("lena", "legal")


def said(request: ApprovalRequest) -> str:
    return waiting_words(ApprovalRequest.objects.select_related("waits_for").get(pk=request.pk), NAMES)


def agree(request: ApprovalRequest, name: str) -> None:
    request.refresh_from_db()
    decide(viewer(name), request.approval_id, Ballot("approved", "", 1, request.content_digest))


@pytest.mark.parametrize(
    ("needed", "count", "words"),
    [
        (Needed.ANY, 1, "Waiting for Adam Okafor, Jonas Brandt or Priya Raman"),
        (Needed.ALL, 1, "Waiting for Adam Okafor, Jonas Brandt and Priya Raman"),
        (Needed.EACH, 1, "Waiting for Adam Okafor, Jonas Brandt and Priya Raman"),
        (Needed.COUNT, 1, "Waiting for Adam Okafor, Jonas Brandt or Priya Raman"),
        (Needed.COUNT, 2, "Waiting for Adam Okafor, Jonas Brandt and Priya Raman; 2 of them must agree"),
        (Needed.COUNT, 3, "Waiting for Adam Okafor, Jonas Brandt and Priya Raman"),
    ],
)
def test_it_says_whether_one_some_or_each_of_them_must_agree(needed: Needed, count: int, words: str) -> None:
    request = opened(step(users=THREE, needed=needed, count=count))
    assert said(request) == words


def test_who_has_agreed_is_not_waited_for_any_more() -> None:
    request = opened(step(users=TWO, needed=Needed.ALL))
    agree(request, "jonas")
    assert said(request) == "Waiting for Priya Raman"
    request = opened(step(users=THREE, needed=Needed.COUNT, count=2))
    agree(request, "adam")
    assert said(request) == "Waiting for Jonas Brandt or Priya Raman"


def test_groups_of_which_each_or_everybody_must_agree() -> None:
    both = {"policy": policy("managers", "legal")}
    one_each = opened(each("managers", "legal"), request=both)
    assert said(one_each) == "Waiting for managers and legal"
    agree(one_each, "lena")
    assert said(one_each) == "Waiting for managers"
    everybody = opened(step("managers", users=("lena",), needed=Needed.ALL), request=both)
    assert said(everybody) == "Waiting for lena and managers; all of them must agree"


def test_the_workflows_own_number_counts_too() -> None:
    request = approval_request(policy=policy("managers", required=3))
    assert said(request) == "Waiting for managers; 3 of them must agree"
    agree(request, "jonas")
    assert said(request) == "Waiting for managers; 2 of them must agree"
    assert said(approval_request(policy=policy(users=TWO, required=2))) == "Waiting for Jonas Brandt and Priya Raman"
    assert said(approval_request(policy=policy(users=TWO))) == "Waiting for Jonas Brandt or Priya Raman"


def test_places_that_were_handed_over_and_people_asked_as_well() -> None:
    request = opened(step(users=TWO, needed=Needed.ALL))
    reassign(viewer("jonas"), request.approval_id, "adam", "On leave.")
    assert said(request) == "Waiting for Adam Okafor and Priya Raman"
    seats = opened(step(users=TWO, needed=Needed.EACH))
    reassign(viewer("jonas"), seats.approval_id, "adam", "On leave.")
    assert said(seats) == "Waiting for Adam Okafor and Priya Raman"
    more = opened(step(users=TWO))
    add_approver(viewer("jonas"), more.approval_id, "adam", "He knows the supplier.")
    assert said(more) == "Waiting for Jonas Brandt or Priya Raman, and Adam Okafor as well"
    agree(more, "priya")
    assert said(more) == "Waiting for Adam Okafor"


def test_a_list_costs_the_same_however_many_wait(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _each in range(3):
        opened(step(users=TWO, needed=Needed.ALL))
    found = list(ApprovalRequest.objects.select_related("waits_for"))
    with django_assert_num_queries(3):
        read_wanted(found)
        assert {waiting_words(one, NAMES) for one in found} == {"Waiting for Jonas Brandt and Priya Raman"}
    plain = [approval_request()]
    with django_assert_num_queries(0):
        read_wanted(plain)


def test_a_step_in_words_joins_those_who_must_all_agree() -> None:
    assert people_words(step(users=TWO, needed=Needed.ALL), NAMES) == "Jonas Brandt and Priya Raman"
    assert people_words(step(users=TWO, needed=Needed.COUNT, count=2), NAMES) == "Jonas Brandt and Priya Raman"
    assert people_words(step(users=TWO), NAMES) == "Jonas Brandt or Priya Raman"

"""The words of a rule: offered while typing, and refused where nothing is called so."""

import re
from html import unescape

import pytest
from django.test import Client

from approvals.models import PolicyRule
from tests.factories import person
from tests.policies import policy_of, step

pytestmark = pytest.mark.django_db
RULES = "/admin/approvals/policyrule/add/"


@pytest.fixture(autouse=True)
def people() -> None:
    """Who works where."""
    person("anna", "managers", department="Sales")
    person("mia", "managers", department="sales")
    person("max", department="Legal & Tax")


def offered(page: str, name: str) -> list[str]:
    field = re.search(rf'<input[^>]*name="{name}"[^>]*list="([^"]+)"', page)
    assert field, f"{name} offers nothing"
    listed = page.partition(f'<datalist id="{field[1]}">')[2].partition("</datalist>")[0]
    return [unescape(word) for word in re.findall('value="([^"]*)"', listed)]


def test_the_fields_offer_what_there_is(as_admin: Client) -> None:
    page = as_admin.get(RULES).text
    assert "manager" in offered(page, "stage")
    assert "meals" in offered(page, "category")
    assert {"EUR", "JPY"} < set(offered(page, "currency"))
    assert offered(page, "department") == ["Legal & Tax", "Sales"]


def test_a_department_that_no_account_has_is_refused(as_admin: Client) -> None:
    rule = {"policy": policy_of(step("managers")).pk, "priority": 10, "active": "on"}
    page = as_admin.post(RULES, {**rule, "department": "Nowhere"})
    assert page.context["adminform"].form.errors["department"] == [
        "No account has the department Nowhere. There are: Legal & Tax, Sales."
    ]
    assert not PolicyRule.objects.exists()
    assert as_admin.post(RULES, {**rule, "department": "SALES"}).status_code == 302
    assert PolicyRule.objects.get().department == "Sales"
    off = as_admin.post(RULES, {**rule, "department": "Nowhere", "active": ""})
    assert off.status_code == 302, "a rule that is not used may wait for its people"


def test_where_no_account_has_a_department_it_says_where_to_write_one(as_admin: Client) -> None:
    made = policy_of(step("managers"))
    type(person("anna")).objects.update(department="")
    page = as_admin.post(RULES, {"policy": made.pk, "priority": 1, "active": "on", "department": "Sales"})
    assert "Write it into the accounts of its people first." in page.text

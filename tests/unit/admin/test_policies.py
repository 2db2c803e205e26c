"""Policies and rules in the admin: a form, versions, and refusals that say what to do."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from approvals.models import AuditEvent, Policy, PolicyRule, PolicyVersion
from approvals.models.stages import CATEGORIES, STAGES
from approvals.models.terms import AtDeadline, Needed
from approvals.web.forms.expense_fields import CATEGORIES as FORM_CATEGORIES
from tests.factories import approval_request, person, policy
from tests.policies import policy_of, rule_for, step
from tests.unit.admin.browsing import send

pytestmark = pytest.mark.django_db
ADD = "/admin/approvals/policy/add/"
NO_VERSIONS = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}


@pytest.fixture(autouse=True)
def people() -> None:
    """Who works here."""
    for name, group in (("anna", "managers"), ("mia", "managers"), ("fay", "finance"), ("lea", "legal")):
        person(name, group)
    Group.objects.get_or_create(name="empty")


def filled(**fields: Any) -> dict[str, Any]:
    """The form as a browser sends it: the first step asks any one of the managers."""
    values: dict[str, Any] = {"name": "Large sums", "based_on": "0", "at_deadline": "remind", **NO_VERSIONS}
    values["reminds"] = "usual"
    values |= {f"step{number}_needed": "any" for number in range(1, 5)}
    return {**values, "step1_title": "Managers", "step1_groups": ["managers"], **fields}


def faults(client: Client, **fields: Any) -> str:
    page = client.post(ADD, filled(**fields))
    assert page.status_code == 200, "it was taken"
    assert not Policy.objects.exists()
    form = page.context["adminform"].form
    return " ".join(str(fault) for errors in form.errors.values() for fault in errors)


def test_a_policy_is_made_by_its_form_and_recorded(as_admin: Client) -> None:
    second = {"step2_groups": ["finance", "legal"], "step2_needed": "each", "step2_hours": "24"}
    answer = as_admin.post(ADD, filled(**second, bars_earlier="on"))
    assert answer.status_code == 302
    terms = PolicyVersion.objects.get().terms
    assert [(one.title, one.groups, one.needed) for one in terms.steps] == [
        ("Managers", ("managers",), Needed.ANY),
        ("Step 2", ("finance", "legal"), Needed.EACH),
    ]
    assert (terms.steps[1].hours, terms.bars_earlier, terms.at_deadline) == (24, True, AtDeadline.REMIND)
    line = AuditEvent.objects.get(action="policy.versioned")
    assert (line.actor, line.object_id, line.summary) == ("adam", "Large sums", "Large sums, version 1")


def test_an_edit_shows_what_is_there_and_makes_the_next_version(as_admin: Client) -> None:
    made = policy_of(step("managers", needed=Needed.COUNT, count=2, hours=8), name="Large sums")
    address = f"/admin/approvals/policy/{made.pk}/change/"
    page = as_admin.get(address)
    initial = page.context["adminform"].form.initial
    assert (initial["step1_groups"], initial["step1_count"], initial["based_on"]) == (["managers"], 2, 1)
    assert "2 of them must agree, within 8 hours" in page.text
    as_admin.post(address, filled(based_on="1", step1_users="MIA", step1_groups=[]))
    made.refresh_from_db()
    assert made.number == 2
    assert made.newest.terms.steps[0].users == ("mia",)
    stale = as_admin.post(address, filled(based_on="1"))
    assert "Somebody made version 2 meanwhile" in stale.text


def test_the_page_of_a_policy_is_saved_with_the_fields_it_holds(as_admin: Client) -> None:
    made = policy_of(step("managers", hours=8), name="Large sums")
    address = f"/admin/approvals/policy/{made.pk}/change/"
    for number in (2, 3):
        answer = send(as_admin, address, "policy_form", step1_hours=str(number))
        assert answer.status_code == 302, answer.context["errors"]
        made.refresh_from_db()
        assert (made.number, made.newest.terms.steps[0].hours) == (number, number)
    assert list(made.versions.values_list("number", flat=True)) == [3, 2, 1]
    assert send(as_admin, address, "policy_form", description="For the board.").status_code == 302
    made.refresh_from_db()
    assert (made.number, made.description) == (3, "For the board.")


def test_the_pages_for_a_new_policy_and_a_rule_are_saved_with_the_fields_they_hold(as_admin: Client) -> None:
    told = {"name": "Large sums", "step1_groups": ["managers"]}
    assert send(as_admin, ADD, "policy_form", **told).status_code == 302
    made = Policy.objects.get(number=1)
    rules = "/admin/approvals/policyrule/"
    assert send(as_admin, f"{rules}add/", "policyrule_form", policy=made.pk, workflow="loan").status_code == 302
    rule = PolicyRule.objects.get()
    assert (rule.policy, rule.workflow, rule.priority, rule.active) == (made, "loan", 100, True)
    assert send(as_admin, f"{rules}{rule.pk}/change/", "policyrule_form", priority="7").status_code == 302
    rule.refresh_from_db()
    assert (rule.workflow, rule.priority, rule.active) == ("loan", 7, True)


def test_a_policy_has_reminders_of_its_own(as_admin: Client) -> None:
    times = {"reminds": "own", "remind_before": "30m, 2h; 1d, 120 m", "remind_after": "4, 2d", "step1_hours": "48"}
    as_admin.post(ADD, filled(**times))
    made = Policy.objects.get()
    assert made.newest.terms.remind == (-1440, -120, -30, 240, 2880)
    address = f"/admin/approvals/policy/{made.pk}/change/"
    page = as_admin.get(address)
    initial = page.context["adminform"].form.initial
    assert (initial["reminds"], initial["remind_before"], initial["remind_after"]) == ("own", "1d, 2h, 30m", "2d, 4h")
    said = "Who is asked is reminded before the deadline (1 day, 2 hours, 30 minutes) and after it (4 hours, 2 days)."
    assert said in page.text
    as_admin.post(address, filled(based_on="1", reminds="none"))
    made.refresh_from_db()
    assert made.newest.terms.remind == ()
    assert "Nobody is reminded before the deadline." in as_admin.get(address).text


def test_a_version_from_before_there_were_reminders_keeps_the_usual_ones(as_admin: Client) -> None:
    made = policy_of(step("managers"), name="Large sums")
    version = made.newest
    stored = {name: value for name, value in version.stored.items() if name != "remind"}
    PolicyVersion.objects.filter(pk=version.pk).update(stored=stored)
    assert Policy.objects.get().newest.terms.remind is None
    page = as_admin.get(f"/admin/approvals/policy/{made.pk}/change/")
    assert page.context["adminform"].form.initial["reminds"] == "usual"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"step1_title": "", "step1_groups": []}, "Fill in at least the first step"),
        ({"step1_groups": []}, "Step 1 asks nobody"),
        ({"step1_needed": "count", "step1_count": "3"}, "Step 1 needs 3 people and asks 2"),
        ({"step1_groups": ["empty"]}, "the group empty has no active member"),
        ({"step1_users": "nobody"}, "No active account is called nobody"),
        ({"step1_needed": "each", "step1_groups": ["finance", "legal"], "step1_users": "fay"}, "1 would be missing"),
        ({"step2_users": "fay", "step3_groups": ["finance"]}, "nobody answers twice"),
        ({"step1_hours": "0"}, "A deadline lies ahead"),
        ({"step1_hours": "-5"}, "A deadline lies ahead"),
        ({"step1_hours": "4", "at_deadline": "escalate"}, "Say whom to ask"),
        ({"step1_hours": "4", "at_deadline": "default"}, "Write the safe answer"),
        ({"step1_hours": "4", "at_deadline": "default", "default_option": "Approved "}, "“Approved” is a yes"),
        ({"step1_needed": "count"}, "Say how many."),
        ({"step2_groups": ["finance"], "step2_needed": "count", "step2_count": ""}, "Say how many."),
        ({"at_deadline": "expire"}, "Give at least one step a time of its own"),
        ({"reminds": "own"}, "Write at least one time, such as 1d"),
        ({"remind_before": "1d"}, "choose “At the times below”"),
        ({"reminds": "own", "remind_before": "soon"}, "“soon” is no such time. Write a number with d, h or m"),
        ({"reminds": "own", "remind_before": "0h"}, "“0h” is no such time"),
        ({"reminds": "own", "remind_before": ",".join(map(str, range(1, 12)))}, "That are 11 reminders; 10 are enough"),
        ({"reminds": "own", "remind_before": "1d", "step1_hours": "8"}, "no step takes longer than 8 hours"),
        ({"reminds": "own", "remind_after": "1d"}, "Give a step a time of its own"),
        (
            {"reminds": "own", "remind_after": "1h", "step1_hours": "4", "at_deadline": "expire"},
            "Only a step that stays open",
        ),
    ],
)
def test_what_nobody_could_satisfy_is_refused_with_what_to_do(
    as_admin: Client, fields: dict[str, Any], said: str
) -> None:
    assert said in faults(as_admin, **fields)


def test_a_policy_that_its_own_people_cannot_use_is_saved_with_a_warning_that_its_page_keeps(as_admin: Client) -> None:
    said = "Step 1: if one of its people asks, only 1 is left: such a request cannot be answered."
    page = as_admin.post(ADD, filled(step1_needed="count", step1_count="2"), follow=True)
    assert said in page.text
    address = f"/admin/approvals/policy/{Policy.objects.get().pk}/change/"
    assert said in as_admin.get(address).text
    person("max", "managers")
    assert "cannot be answered" not in as_admin.get(address).text
    alone = filled(name="Alone", step1_groups=["legal"])
    assert (
        "if the one person whom it asks makes a request, nobody is left" in as_admin.post(ADD, alone, follow=True).text
    )
    both = filled(name="Both", step1_needed="each", step1_groups=["managers", "legal"])
    assert "If one of its people asks, too few may be left" in as_admin.post(ADD, both, follow=True).text


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"step1_count": "3"}, "step1_count", "A number goes with “So many of them”: choose that above"),
        ({"step1_needed": "all", "step1_count": "1"}, "step1_count", "A number goes with “So many of them”"),
        ({"step1_title": "", "step1_groups": [], "step2_groups": ["legal"]}, "step2_groups", "Step 1 is empty"),
        ({"step3_users": "lea"}, "step3_groups", "Step 2 is empty, and steps begin one after the other"),
        ({"step2_hours": "4"}, "step2_hours", "Say whom step 2 asks, or take this away."),
        ({"step4_count": "2", "step4_needed": "count"}, "step4_count", "Say whom step 4 asks"),
    ],
)
def test_nothing_that_was_typed_is_thrown_away_in_silence(
    as_admin: Client, fields: dict[str, Any], field: str, said: str
) -> None:
    page = as_admin.post(ADD, filled(**fields))
    assert not Policy.objects.exists()
    assert said in page.context["adminform"].form.errors[field][0]


def test_how_many_is_asked_at_its_own_field_and_only_where_it_matters(as_admin: Client) -> None:
    page = as_admin.post(ADD, filled(step1_needed="count", step1_count=""))
    assert page.context["adminform"].form.errors["step1_count"] == ["Say how many."]
    assert as_admin.post(ADD, filled(step3_needed="count")).status_code == 302


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"step1_groups": ["finance"]}, "the workflow asks managers"),
        ({"step1_needed": "count", "step1_count": "2", "step1_users": "fay", "step1_groups": []}, "needs 2 people"),
        ({"step1_hours": "60"}, "The steps take 60 hours, and expense, stage manager ends after 50"),
        ({"step1_hours": "4", "at_deadline": "default", "default_option": "kept"}, "must be one of: rejected"),
        ({"step1_hours": "4", "at_deadline": "escalate", "escalate_groups": ["legal"]}, "let the workflow ask these"),
        ({"reminds": "own", "remind_before": "3d"}, "A reminder 3 days before the deadline would come before anybody"),
        ({"reminds": "own", "remind_after": "2d", "step1_hours": "4"}, "would come when nobody can answer any more"),
    ],
)
def test_a_policy_in_use_is_held_against_what_its_workflow_asks(
    as_admin: Client, terms: dict[str, Any], said: str
) -> None:
    approval_request()
    made = policy_of(step("managers"), name="Large sums")
    rule_for(made, workflow="expense")
    page = as_admin.post(f"/admin/approvals/policy/{made.pk}/change/", filled(based_on="1", **terms))
    assert page.status_code == 200
    assert said in " ".join(map(str, page.context["adminform"].form.non_field_errors()))
    made.refresh_from_db()
    assert made.number == 1


def test_an_escalated_request_does_not_tell_whom_its_stage_asks(as_admin: Client) -> None:
    person("dora", "directors")
    approval_request(run_name="expense-one", created_at=timezone.now() - timedelta(days=4))
    approval_request(run_name="expense-one", approval_id="expense-one.manager.2", policy=policy("directors"))
    rule = {"policy": policy_of(step("managers")).pk, "priority": 10, "active": "on", "workflow": "expense"}
    page = as_admin.post("/admin/approvals/policyrule/add/", {**rule, "stage": "manager", "category": "travel"})
    assert page.status_code == 302
    approval_request(policy=policy("finance"))
    assert as_admin.post("/admin/approvals/policyrule/add/", rule).status_code == 302
    no_one = policy_of(step("directors"))
    said = as_admin.post("/admin/approvals/policyrule/add/", rule | {"policy": no_one.pk}).text
    assert "the workflow asks finance. Of the step&#x27;s people, 0 are among them, and 1 more is needed" in said


def test_the_message_after_saving_links_to_what_was_saved_and_runs_nothing_of_its_name(as_admin: Client) -> None:
    page = as_admin.post(ADD, filled(name="<script>alert(1)</script>\u202eevil"), follow=True)
    made = Policy.objects.get()
    link = f'<a href="/admin/approvals/policy/{made.pk}/change/">&lt;script&gt;alert(1)&lt;/script&gt;[U+202E]evil</a>'
    assert link in page.text.partition('id="messages"')[2]
    assert "<script>alert" not in page.text
    assert "&lt;a href" not in page.text


def test_a_rule_is_made_edited_and_recorded(as_admin: Client) -> None:
    made = policy_of(step("managers"), name="Large sums")
    values = {"policy": made.pk, "priority": 10, "active": "on", "workflow": "expense", "amount_from": "1000"}
    assert "Say in which currency" in as_admin.post("/admin/approvals/policyrule/add/", values).text
    as_admin.post("/admin/approvals/policyrule/add/", {**values, "currency": "eur"})
    rule = PolicyRule.objects.get()
    assert str(rule) == "Large sums: expense, from 1,000 EUR"
    as_admin.post(f"/admin/approvals/policyrule/{rule.pk}/change/", {**values, "currency": "EUR", "active": ""})
    rule.refresh_from_db()
    assert not rule.active
    assert AuditEvent.objects.get(action="policyrule.changed").data["fields"] == ["active"]


def test_each_cell_of_the_lists_names_its_column_for_pages_without_a_head(as_admin: Client) -> None:
    rule_for(policy_of(step("managers"), name="Large sums"))
    page = as_admin.get("/admin/approvals/policyrule/").text
    labels = ["Priority", "Fits", "Policy", "Active"]
    assert re.findall(r'<t[dh] data-label="([^"]*)"', page) == labels
    assert '<td data-label="Number" class="field-number">1</td>' in as_admin.get("/admin/approvals/policy/").text


def test_a_rule_for_a_currency_that_does_not_exist_is_refused(as_admin: Client) -> None:
    made = policy_of(step("managers"))
    values = {"policy": made.pk, "priority": 10, "active": "on", "workflow": "expense", "amount_from": "1000"}
    page = as_admin.post("/admin/approvals/policyrule/add/", {**values, "currency": "xxq"})
    assert page.context["adminform"].form.errors["currency"] == [
        "There is no currency XXQ. Write its code, such as EUR."
    ]
    assert not PolicyRule.objects.exists()
    approval_request(currency="XXQ", amount=5)
    assert as_admin.post("/admin/approvals/policyrule/add/", {**values, "currency": "xxq"}).status_code == 302


def test_a_rule_names_a_stage_and_a_category_that_its_workflow_has(as_admin: Client) -> None:
    rules = "/admin/approvals/policyrule/add/"
    values = {"policy": policy_of(step("managers")).pk, "priority": 10, "active": "on", "workflow": "expense"}

    def errors(**fields: str) -> dict[str, list[str]]:
        context = as_admin.post(rules, {**values, **fields}).context
        return dict(context["adminform"].form.errors) if context else {}

    assert errors(stage="manger") == {"stage": ["The workflow expense has no stage manger. It has: manager, finance."]}
    assert errors(stage="manager", category="Travel") == {}
    [said] = errors(category="Qqq")["category"]
    assert said.startswith("The workflow expense has no category Qqq. It has: travel, meals,")
    assert errors(workflow="document", category="Qqq") == {}
    assert "There are: manager, finance, review," in errors(workflow="", stage="manger")["stage"][0]
    approval_request(stage="board")
    assert errors(stage="board") == {}
    assert '<option value="undo-hotel">' in as_admin.get(rules).text


def test_the_stages_and_categories_that_are_known_are_those_of_the_workflows() -> None:
    sources = {name: Path(f"lambdas/workflows/{name}.py").read_text() for name in STAGES}
    found = {name: set(re.findall(r'stage="([a-z-]+)"', text)) - {"revision"} for name, text in sources.items()}
    assert found == {name: {one for one in known if "undo-" not in one} for name, known in STAGES.items()}
    assert CATEGORIES["expense"] == tuple(name for name, _label in FORM_CATEGORIES)


def test_a_rule_for_a_workflow_that_asks_others_is_refused(as_admin: Client) -> None:
    approval_request(policy=policy("managers"))
    made = policy_of(step("finance"))
    page = as_admin.post("/admin/approvals/policyrule/add/", {"policy": made.pk, "priority": 1, "active": "on"})
    assert "A policy adds nobody to those whom the workflow asks" in page.text
    assert not PolicyRule.objects.exists()


def test_an_auditor_reads_policies_and_changes_none(auditor: Client) -> None:
    made = policy_of(step("managers"), name="Large sums")
    rule = rule_for(made)
    page = auditor.get(f"/admin/approvals/policy/{made.pk}/change/")
    assert "1. Managers: the group managers; one of them must agree." in page.text
    assert auditor.post(f"/admin/approvals/policy/{made.pk}/change/", filled(based_on="1")).status_code == 403
    assert auditor.get(f"/admin/approvals/policyrule/{rule.pk}/change/").status_code == 200
    assert auditor.get(ADD).status_code == 403
    assert auditor.get(f"/admin/approvals/policyversion/{made.newest.pk}/change/").status_code == 200


def test_nothing_of_a_policy_is_deleted(as_admin: Client) -> None:
    made = policy_of(step("managers"))
    assert as_admin.post(f"/admin/approvals/policy/{made.pk}/delete/", {"post": "yes"}).status_code == 403


def test_nobody_is_their_own_manager(as_admin: Client) -> None:
    anna = person("anna")
    page = as_admin.post(f"/admin/approvals/user/{anna.pk}/change/", {"manager": anna.pk, "is_active": "on"})
    assert "Nobody is their own manager" in page.text


def test_a_rule_is_changed_in_plain_numbers_and_leads_to_its_policy_by_name(as_admin: Client) -> None:
    rule = rule_for(policy_of(step("managers")), amount_from=Decimal("1500.5000"), currency="EUR")
    form = as_admin.get(f"/admin/approvals/policyrule/{rule.pk}/change/").text
    assert 'value="1500.5"' in form
    assert re.search(r'id="change_id_policy"[^>]*><span class="visually-hidden">Change selected policy<', form)
    assert "icon-changelink" not in form

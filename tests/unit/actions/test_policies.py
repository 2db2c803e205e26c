"""Requests under a policy: steps in order, their time, and versions that stay."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals.actions.deadlines import pass_due
from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Invalid, Refused
from approvals.actions.policies import save_policy, save_rule
from approvals.models import (
    ApprovalRequest,
    AuditEvent,
    Decision,
    Delivery,
    EffectivePolicy,
    Occasion,
    PolicyRule,
    PolicyVersion,
    Vote,
)
from approvals.models.pages import Order
from approvals.models.terms import AtDeadline, Needed, PolicyTerms
from approvals.policy import Viewer, may_decide
from tests.factories import approval_request, person, policy, viewer
from tests.policies import each, office, opened, policy_of, rule_for, standing, step

pytestmark = pytest.mark.django_db
FLOOR = policy("managers", "finance", "legal")


@pytest.fixture(autouse=True)
def people() -> None:
    """Who works here."""
    for name, group in (("anna", "managers"), ("mia", "managers"), ("fay", "finance"), ("fred", "finance")):
        person(name, group)
    person("lea", "legal")


def who(name: str) -> Viewer:
    return viewer(name)


def answer(name: str, request: ApprovalRequest, choice: str = "approved") -> Decision | None:
    ballot = Ballot(choice, "Because of the rules.", request.version, request.content_digest)
    return decide(who(name), request.approval_id, ballot)[1]


def code(name: str, request: ApprovalRequest) -> str:
    request.refresh_from_db()
    return may_decide(who(name), request).code


def waits_for(name: str) -> list[ApprovalRequest]:
    waiting = ApprovalRequest.objects.open().not_barred_for(name)
    return waiting.page_of_audiences(who(name).audiences, Order.DEADLINE).rows


def actions(request: ApprovalRequest) -> list[str]:
    return list(AuditEvent.objects.about(request).values_list("action", flat=True))


def overdue(request: ApprovalRequest) -> None:
    EffectivePolicy.objects.filter(request=request).update(due_at=timezone.now() - timedelta(minutes=1))


def test_without_a_rule_that_fits_everything_is_as_the_workflow_says() -> None:
    rule_for(policy_of(step("finance")), workflow="loan")
    request = approval_request()
    assert EffectivePolicy.objects.pin([request], timezone.now()) == []
    decision = answer("anna", request)
    assert decision is not None
    assert decision.policy_version is None
    assert Vote.objects.get().policy == request.policy


def test_steps_come_in_their_order_and_the_queue_follows() -> None:
    request = opened(step("managers"), step("finance"), request={"policy": FLOOR})
    assert (code("anna", request), code("fay", request), code("lea", request)) == ("asked", "not_yet", "not_in_policy")
    assert (waits_for("anna"), waits_for("fay"), waits_for("lea")) == ([request], [], [])
    assert answer("anna", request) is None
    assert (code("mia", request), code("fay", request)) == ("step_over", "asked")
    assert (waits_for("mia"), waits_for("fay")) == ([], [request])
    assert "request.step_passed" in actions(request)
    decision = answer("fay", request)
    assert decision is not None
    assert Delivery.objects.filter(decision=decision).exists()


def test_every_vote_and_the_decision_name_the_version_they_were_given_under() -> None:
    request = opened(step("managers"), step("finance"), request={"policy": FLOOR}, name="Large sums")
    answer("anna", request)
    decision = answer("fay", request)
    version = PolicyVersion.objects.get()
    assert decision is not None
    assert decision.policy_version == version
    assert [(vote.policy_version, vote.step) for vote in Vote.objects.order_by("id")] == [(version, 0), (version, 1)]
    told = AuditEvent.objects.filter(action="request.voted").latest("id").data["policy"]
    assert told["refined_by"] == {"policy": "Large sums", "version": 1, "step": 2, "state": "open"}
    assert told["groups"] == FLOOR["groups"]


def test_one_objection_settles_in_any_step() -> None:
    request = opened(step("managers", needed=Needed.ALL), step("finance"), request={"policy": FLOOR})
    decision = answer("mia", request, "rejected")
    assert decision is not None
    assert decision.choice == "rejected"


def test_all_of_a_group_means_its_members_at_the_time_of_the_answer() -> None:
    request = opened(step("managers", needed=Needed.ALL), request={"policy": FLOOR})
    answer("anna", request)
    person("max", "managers")
    assert answer("mia", request) is None
    assert answer("max", request) is not None


def test_one_of_finance_and_one_of_legal() -> None:
    request = opened(each("finance", "legal"), request={"policy": FLOOR})
    assert answer("fay", request) is None
    assert answer("fred", request) is None
    assert answer("lea", request) is not None


def test_the_requesters_manager_is_whoever_it_was_when_the_request_was_opened() -> None:
    rita = person("rita", manager=person("mia"))
    request = opened(step(manager=True, title="Manager"), request={"policy": FLOOR})
    rita.manager = person("anna")
    rita.save()
    assert (code("mia", request), code("anna", request)) == ("asked", "not_in_policy")
    assert waits_for("mia") == [request]


def test_the_workflow_may_want_more_people_than_the_policy() -> None:
    request = opened(step("managers"), request={"policy": policy("managers", required=2)})
    assert answer("anna", request) is None
    assert standing(request).effective.step == 0
    assert answer("mia", request) is not None


def test_whom_the_workflow_does_not_ask_the_policy_cannot_ask() -> None:
    request = opened(step("finance", "managers"), request={"policy": policy("managers")})
    assert (code("fay", request), code("anna", request)) == ("not_asked", "asked")
    assert waits_for("fay") == []


def test_who_answered_an_earlier_stage_is_barred_where_the_policy_says_so() -> None:
    first = approval_request(run_name="expense-two", stage="manager")
    answer("anna", first)
    request = opened(
        step("managers"), bars_earlier=True, request={"run_name": "expense-two", "stage": "second", "policy": FLOOR}
    )
    assert (code("anna", request), code("mia", request)) == ("earlier", "asked")
    assert (waits_for("anna"), waits_for("mia")) == ([], [request])


def test_an_edit_makes_a_version_and_open_requests_keep_theirs() -> None:
    request = opened(step("managers"), request={"policy": FLOOR})
    made = standing(request).effective.version.policy
    save_policy(office(), made, PolicyTerms((step("finance"),)), based_on=1)
    later = approval_request(policy=FLOOR)
    EffectivePolicy.objects.pin([request, later], timezone.now())
    assert standing(request).effective.version.number == 1
    assert standing(later).effective.version.number == 2
    assert (code("anna", request), code("anna", later)) == ("asked", "not_in_policy")
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.get(number=1).save()


def test_saving_what_is_there_already_makes_no_version_and_an_old_page_is_refused() -> None:
    made = policy_of(step("managers"))
    save_policy(office(), made, PolicyTerms((step("managers"),)), based_on=1)
    assert made.number == 1
    save_policy(office(), made, PolicyTerms((step("finance"),)), based_on=1)
    with pytest.raises(Invalid, match="Somebody made version 2 meanwhile"):
        save_policy(office(), made, PolicyTerms((step("legal"),)), based_on=1)


def test_only_an_admin_edits_policies_and_a_refusal_is_on_the_record() -> None:
    made = policy_of(step("managers"))
    with pytest.raises(Refused):
        save_policy(who("anna"), made, PolicyTerms((step("finance"),)), based_on=1)
    with pytest.raises(Refused):
        save_rule(who("anna"), PolicyRule(policy=made), [])
    assert AuditEvent.objects.filter(action="policy.edit_refused", actor="anna").exists()


@pytest.mark.parametrize(
    ("rule", "request_", "fits"),
    [
        ({}, {}, True),
        ({"workflow": "expense", "stage": "manager"}, {}, True),
        ({"stage": "finance"}, {}, False),
        ({"amount_from": Decimal(240), "currency": "EUR"}, {}, True),
        ({"amount_from": Decimal(241), "currency": "EUR"}, {}, False),
        ({"amount_below": Decimal("240.5"), "currency": "EUR"}, {}, False),
        ({"amount_from": Decimal(1), "currency": "USD"}, {}, False),
        ({"amount_from": Decimal(0)}, {"amount": None}, False),
        ({"category": "Travel"}, {"details": {"lines": [{"category": "meals"}, {"category": "travel"}]}}, True),
        ({"category": "travel"}, {"details": {"category": "meals"}}, False),
        ({"department": "sales"}, {}, True),
        ({"department": "legal"}, {}, False),
        ({}, {"kind": "revision"}, False),
    ],
)
def test_a_rule_fits_by_what_it_names(rule: dict[str, Any], request_: dict[str, Any], fits: bool) -> None:
    person("rita", department="Sales")
    rule_for(policy_of(step("managers")), **rule)
    assert bool(EffectivePolicy.objects.pin([approval_request(**request_)], timezone.now())) is fits


def test_of_several_rules_that_fit_the_lowest_number_counts() -> None:
    rule_for(policy_of(step("finance"), name="General"), priority=50)
    rule_for(policy_of(step("managers"), name="Special"), priority=10, workflow="expense")
    rule_for(policy_of(step("legal"), name="Switched off"), priority=1, active=False)
    [fixed] = EffectivePolicy.objects.pin([approval_request()], timezone.now())
    assert (fixed.version.policy.name, fixed.because) == ("Special", "expense")


def test_a_reminder_is_told_once_and_the_step_stays_open() -> None:
    request = opened(step("managers", hours=4), request={"policy": FLOOR})
    overdue(request)
    assert (pass_due(), pass_due()) == (1, 0)
    assert actions(request) == ["request.step_due"]
    assert code("anna", request) == "asked"
    assert [one.topic for one in Occasion.objects.all()] == ["reminder"]


def test_an_escalation_asks_others_as_well_and_has_a_time_of_its_own() -> None:
    escalation = {"at_deadline": AtDeadline.ESCALATE, "escalate_groups": ("legal",), "escalate_hours": 2}
    request = opened(step("managers", hours=4, needed=Needed.ALL), request={"policy": FLOOR}, **escalation)
    assert (code("lea", request), waits_for("lea")) == ("not_in_policy", [])
    overdue(request)
    pass_due()
    assert (code("lea", request), waits_for("lea"), waits_for("anna")) == ("asked", [request], [request])
    overdue(request)
    assert code("lea", request) == "policy_expired"
    pass_due()
    assert (waits_for("lea"), waits_for("anna")) == ([], [])
    assert actions(request) == ["request.step_escalated", "request.step_expired"]


def test_one_of_the_escalation_answers_for_the_whole_step() -> None:
    escalation = {"at_deadline": AtDeadline.ESCALATE, "escalate_groups": ("legal",)}
    request = opened(step("managers", hours=4, needed=Needed.ALL), request={"policy": FLOOR}, **escalation)
    overdue(request)
    pass_due()
    assert answer("lea", request) is not None


def test_an_expired_policy_takes_no_answer_even_before_the_worker_notes_it() -> None:
    request = opened(step("managers", hours=4), request={"policy": FLOOR}, at_deadline=AtDeadline.EXPIRE)
    overdue(request)
    assert code("anna", request) == "policy_expired"
    pass_due()
    assert waits_for("anna") == []


def test_the_safe_answer_is_recorded_and_delivered_as_any_other() -> None:
    safe = {"at_deadline": AtDeadline.DEFAULT, "default_option": "rejected"}
    request = opened(step("managers", hours=1), request={"policy": FLOOR}, **safe)
    overdue(request)
    assert pass_due() == 1
    decision = Decision.objects.get()
    assert (decision.choice, decision.decided_by.username) == ("rejected", "countersign-policy")
    assert not decision.decided_by.is_active
    assert Delivery.objects.filter(decision=decision).exists()
    assert AuditEvent.objects.get(action="request.decided").actor == "system:policy"
    assert pass_due() == 0


@pytest.mark.parametrize("option", ["approved", "withdrawn", "published"])
def test_no_yes_and_no_answer_that_the_request_does_not_take_is_ever_given_by_itself(option: str) -> None:
    request = opened(step("managers", hours=1), request={"policy": FLOOR})
    version = standing(request).effective.version
    stored = {**version.stored, "at_deadline": "default", "default_option": option}
    PolicyVersion.objects.filter(pk=version.pk).update(stored=stored)
    overdue(request)
    pass_due()
    assert not Decision.objects.exists()
    assert code("anna", request) == "policy_expired"


def test_a_step_ends_no_later_than_the_workflow() -> None:
    request = opened(step("managers", hours=1000), request={"policy": FLOOR})
    assert standing(request).effective.due_at is None


def test_a_step_that_nobody_can_pass_is_said_so_and_on_the_record() -> None:
    request = opened(step("managers"), step("finance"), request={"policy": policy("managers")})
    answer("anna", request)
    assert "Nobody can answer step 2" in standing(request).shortfall(list(request.votes.select_related("voter")))
    assert "request.step_blocked" in actions(request)


def test_who_answered_a_step_is_not_waited_for_in_a_later_one() -> None:
    request = opened(step("managers"), step("managers", needed=Needed.ALL), request={"policy": FLOOR})
    assert answer("anna", request) is None
    assert answer("mia", request) is not None

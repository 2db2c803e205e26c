"""People are told in their language; what is stored for good, and what travels to the workflow, is in English."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from approvals.actions.bulk import Picked, decide_many
from approvals.actions.claim import claim
from approvals.actions.comment import comment
from approvals.actions.deadlines import pass_due
from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import ActionError, Invalid, Refused, Stale
from approvals.actions.handover import add_approver, reassign
from approvals.actions.policies import save_policy, save_rule
from approvals.models import (
    ApprovalRequest,
    AuditEvent,
    Decision,
    Delivery,
    EffectivePolicy,
    Policy,
    PolicyRule,
    PolicyVersion,
    Vote,
)
from approvals.models.terms import AtDeadline, Needed, PolicyTerms
from approvals.policy import checks, may_decide
from approvals.policy.sanity import faults_of
from approvals.policy.wording import terms_words
from approvals.web.uploads import check
from tests.factories import approval_request, person, policy, viewer
from tests.german import OPEN, german
from tests.policies import office, opened, policy_of, step

pytestmark = pytest.mark.django_db
STORED = (ApprovalRequest, AuditEvent, Decision, Delivery, EffectivePolicy, PolicyVersion, Vote)


@pytest.fixture(autouse=True)
def _german() -> Iterator[None]:
    with german():
        yield
        # Whatever a test did: nothing that it stored is in the language of who did it.
        for model in STORED:
            for row in model._default_manager.all():
                for field in model._meta.concrete_fields:
                    assert OPEN not in str(getattr(row, field.attname)), f"{model.__name__}.{field.name}"


def refused_line() -> str:
    return AuditEvent.objects.filter(action__endswith="_refused").latest("id").summary


def ballot(request: ApprovalRequest, choice: str = "approved", comment: str = "") -> Ballot:
    return Ballot(choice, comment, request.version, request.content_digest)


def test_a_refused_answer_is_told_in_ones_language_and_recorded_in_english() -> None:
    request = approval_request(requester="anna")
    with pytest.raises(Refused) as refusal:
        decide(viewer("anna", "managers"), request.approval_id, ballot(request))
    assert str(refusal.value) == "⟦You asked for this, so somebody else must decide it.⟧"
    assert refused_line() == "You asked for this, so somebody else must decide it."


def test_a_closed_request_says_so_in_a_whole_sentence() -> None:
    request = approval_request(status="timeout", settled_at=timezone.now())
    with pytest.raises(Refused, match=r"⟦This request is closed: timed out\.⟧"):
        decide(viewer("anna", "managers"), request.approval_id, ballot(request))
    assert refused_line() == "This request is closed: timed out."


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Ballot("rejected", "", 1, ""), "Say why, so that the requester knows what to do next."),
        (Ballot("approved", "x" * 4001, 1, ""), "Keep the reason under {} characters."),
        (Ballot("perhaps", "", 1, ""), "Choose one of: approved, rejected."),
    ],
)
def test_what_cannot_be_used_is_recorded_in_english(given: Ballot, told: str) -> None:
    request = approval_request()
    with pytest.raises(Invalid) as fault:
        decide(viewer("anna", "managers"), request.approval_id, given)
    assert (str(fault.value), refused_line()) == (f"⟦{told.format('4.000')}⟧", told.format("4,000"))


def test_a_request_that_changed_is_recorded_in_english() -> None:
    request = approval_request()
    with pytest.raises(Stale, match="⟦This request changed"):
        decide(viewer("anna", "managers"), request.approval_id, Ballot("approved", "", 1, "other"))
    assert refused_line().startswith("This request changed")


def test_a_decision_travels_in_english() -> None:
    request = approval_request()
    claim(viewer("anna", "managers"), request.approval_id)
    decide(viewer("anna", "managers"), request.approval_id, ballot(request, "rejected", "Too dear."))
    assert set(AuditEvent.objects.values_list("summary", flat=True)) >= {"rejected: Too dear.", "rejected by anna"}
    assert OPEN not in Delivery.objects.get(kind="decision").payload


def test_what_became_of_many_is_kept_in_english() -> None:
    own, other = approval_request(requester="anna"), approval_request()
    picked = [Picked(one.approval_id, one.version, one.content_digest) for one in (own, other)]
    picked.append(Picked("gone", 1, ""))
    done = decide_many(viewer("anna", "managers"), "go", picked, "approved", "")
    assert [one.why for one in done.outcomes] == [
        "You asked for this, so somebody else must decide it.", "", "It is not there any more.",
    ]  # fmt: skip


def test_a_comment_that_names_a_stranger_is_recorded_in_english() -> None:
    with pytest.raises(Invalid, match="⟦@zoe is nobody who can see this request"):
        comment(viewer("anna", "managers"), approval_request(), "Ask @zoe.")
    assert refused_line().startswith("@zoe is nobody who can see this request.")


def test_a_file_that_is_none_is_told_by_name() -> None:
    with pytest.raises(Invalid) as fault:
        check(SimpleUploadedFile("bill.pdf", b"hello"))
    assert (
        str(fault.value)
        == "⟦“bill.pdf” is not a picture or PDF, whatever its name says. Send ⟦JPEG, PNG, WebP, GIF or PDF⟧.⟧"
    )


def test_why_nobody_could_pass_a_step_is_recorded_in_english() -> None:
    for name in ("anna", "ben"):
        person(name, "managers")
    request = opened(step("managers", needed=Needed.COUNT, count=2), request={"policy": policy("managers")})
    with pytest.raises(ActionError) as fault:
        reassign(viewer("anna"), request.approval_id, "zoe", "She knows.")
    assert str(fault.value) == "⟦Nobody here is called zoe. Write a full name or a username.⟧"
    person("zoe", "finance")
    with pytest.raises(ActionError):
        add_approver(viewer("anna"), request.approval_id, "zoe", "She knows.")
    assert refused_line() == (
        "zoe cannot be asked. It is put to managers. zoe is in finance. Choose somebody of managers."
    )


def test_a_policy_that_cannot_be_met_says_so_in_both_languages() -> None:
    with pytest.raises(Invalid) as fault:
        save_policy(office(), Policy(name="Four eyes"), PolicyTerms((step("nobodies"),)), based_on=0)
    assert str(fault.value) == "⟦Step 1: the group nobodies has no active member. Add one, or take the group away.⟧"
    assert refused_line() == "Step 1: the group nobodies has no active member. Add one, or take the group away."
    assert faults_of(PolicyTerms(()))[0].english == "Fill in at least the first step: who is asked."


def test_versions_rules_and_what_picked_them_are_recorded_in_english() -> None:
    person("anna", "managers")
    made = policy_of(step("managers"), name="Travel")
    rule = save_rule(office(), PolicyRule(policy=made, stage="manager", amount_from=Decimal(1000)), ["stage"])
    assert rule.wording == "⟦every workflow⟧, ⟦stage manager⟧, ⟦from 1.000⟧"
    EffectivePolicy.objects.pin([approval_request(amount=2000)], timezone.now())
    assert EffectivePolicy.objects.get().because == "every workflow, stage manager, from 1,000"
    said = set(AuditEvent.objects.values_list("summary", flat=True))
    assert said >= {"Travel, version 1", "Travel: every workflow, stage manager, from 1,000"}


def test_the_safe_answer_travels_in_english() -> None:
    person("anna", "managers")
    late = {"at_deadline": AtDeadline.DEFAULT, "default_option": "rejected"}
    request = opened(step("managers", hours=1), name="Travel", **late)
    EffectivePolicy.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert pass_due() == 1
    assert Decision.objects.get(request=request).comments == "Travel, version 1 answers so when nobody did in time."


def test_a_policy_and_its_checks_read_in_ones_language() -> None:
    anna = viewer("anna", "managers")
    person("fay", "finance")
    request = opened(step("finance"), step("managers", hours=5), request={"policy": policy("managers", "finance")})
    assert may_decide(anna, request).reason.startswith("⟦Your turn comes later: this is step 1 of 2")
    assert all(OPEN in str(check.title) and OPEN in check.note for check in checks(anna, request))
    assert all(OPEN in line for line in terms_words(EffectivePolicy.objects.get().terms))

"""What the record keeps in English is told in the reader's language: each sentence, as the part that writes it does."""

from decimal import Decimal

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from approvals.aws.faults import fault_of
from approvals.delivery import carry
from approvals.models import AuditEvent, PolicyRule, User
from approvals.models.effective import FOR_OWN_TERMS
from approvals.models.terms import Needed
from approvals.policy import Viewer
from approvals.policy.answerable import why_nobody_can
from approvals.web.history import history_of
from approvals.web.item_notes import item_note
from approvals.web.progress_notes import progress_words
from approvals.web.recorded import delivery_words, lacking_words, rule_words
from approvals.web.tellings import how_it_ended
from tests.factories import approval_request, person, policy
from tests.german import german
from tests.policies import opened, policy_of, standing, step

LATE = "The run failed (Lambda.Timeout) before this request was answered."


@pytest.mark.django_db
@pytest.mark.parametrize("missing", [1, 2])
def test_a_step_that_lacks_people_says_so_in_the_readers_language(missing: int) -> None:
    people = [person(f"m{number}", "managers") for number in range(1 + missing)]
    request = opened(step("managers", needed=Needed.COUNT, count=1 + missing))
    User.objects.filter(pk__in=[one.pk for one in people[1:]]).update(is_active=False)
    lacking = standing(request).shortfall([])
    AuditEvent.objects.record(Viewer.of(person("anna")).actor, "request.step_blocked", request, lacking)
    with german():
        notes = [line.note for line in history_of(request, Viewer.of(person("anna")))]
    assert f"⟦Step 1 needs {missing} more than there are people who may answer.⟧" in notes


@pytest.mark.django_db
def test_so_does_a_request_that_nobody_can_answer() -> None:
    nobody = why_nobody_can(approval_request(policy=policy("managers")), [])
    person("ben", "finance")
    few = why_nobody_can(approval_request(policy=policy("finance", required=3)), [])
    lena = person("lena", "legal")
    stopped = opened(step("legal"), request={"policy": policy("legal")})
    User.objects.filter(pk=lena.pk).update(is_active=False)
    stuck = standing(stopped).shortfall([])
    with german():
        assert [lacking_words(said) for said in (nobody, few, stuck)] == [f"⟦{said}⟧" for said in (nobody, few, stuck)]


@pytest.mark.django_db
def test_the_rule_that_picked_a_policy_reads_so_too() -> None:
    person("lena", "legal")
    rule = PolicyRule(
        policy=policy_of(step("legal")), workflow="expense", stage="finance", currency="EUR",
        amount_from=Decimal(100), amount_below=Decimal(500), category="Travel",
    )  # fmt: skip
    said = rule.wording
    with german():
        named = "⟦Expense⟧, ⟦stage ⟦Finance⟧⟧, ⟦from 100 below 500 EUR⟧, ⟦category Travel⟧"
        assert rule_words(said) == named
        assert rule_words("second-look, stage odd, from 5,000.5 EUR") == (
            "second-look, ⟦stage odd⟧, ⟦from 5.000,5 EUR⟧"
        )
        assert rule_words(FOR_OWN_TERMS) == f"⟦{FOR_OWN_TERMS}⟧"


def test_how_aws_took_it_reads_so_but_for_its_own_words() -> None:
    ours = [carry.SETTLED_ALREADY, carry.CLOSED_ALREADY, carry.CLAIM_OVER, carry.NO_ATTENTION, carry.CLOSED_BY_US]
    unsent = fault_of(ConnectTimeoutError(endpoint_url="x"), "Answer the callback")
    unread = fault_of(ReadTimeoutError(endpoint_url="x"), "Write the item")
    with german():
        assert [delivery_words(said) for said in ours] == [f"⟦{said}⟧" for said in ours]
        assert delivery_words(str(unsent)) == "⟦AWS cannot be reached (ConnectTimeoutError).⟧"
        assert delivery_words(str(unread)) == "⟦AWS gave no readable answer (ReadTimeoutError).⟧"
        assert delivery_words("Write the item: ValidationException: Odd.") is None


@pytest.mark.parametrize(
    ("action", "note", "shown"),
    [
        (
            "decided",
            "Rejected in the name of ann, by ApprovalApi; CloudTrail knows the caller of 0f-1.",
            "⟦⟦Rejected⟧ in the name of ann, by ApprovalApi; CloudTrail knows the caller of 0f-1.⟧",
        ),
        ("decided", "changes_requested: Sign it: twice.", "⟦Sent back⟧: Sign it: twice."),
        ("decided", "approved for anna", "⟦⟦Approved⟧, for anna⟧"),
        ("decided", "Quite good", "Quite good"),
        ("closed", LATE, "⟦The run failed before this request was answered⟧ (Lambda.Timeout)."),
        ("closed", "The run ran away before this request was answered.", ""),
        (
            "notified",
            "The notice was refused (Throttled). It will be tried again.",
            "⟦The notice was refused (Throttled). It will be tried again.⟧",
        ),
        ("settled", "An answer came that is not valid: odd.", "⟦An answer came that is not valid: odd.⟧"),
    ],
)
def test_what_stands_in_the_item_reads_so(action: str, note: str, shown: str) -> None:
    with german():
        assert item_note(action, note) == (shown or note)


@pytest.mark.django_db
def test_how_a_run_ended_before_its_request_was_answered_reads_so_in_a_notification() -> None:
    line = {"actor": "reconcile", "action": "closed", "note": "The run failed before this request was answered."}
    request = approval_request(status="error", events=[line])
    with german():
        said = how_it_ended(request, str)
    assert said == "⟦⟦The run failed⟧ before anybody answered. Nothing was approved.⟧"


@pytest.mark.django_db
def test_what_was_wrong_with_an_answer_stays_with_the_office_in_every_language() -> None:
    note = "An answer came that is not valid: secret words."
    line = {"at": "2026-11-21T08:00:00Z", "actor": "workflow", "action": "settled", "note": note}
    request = approval_request(status="error", events=[line])
    with german():
        [told] = history_of(request, Viewer.of(person("anna", "managers")))
        [in_full] = history_of(request, Viewer.of(person("aurel", "auditors")))
    assert "not valid, so nothing was approved" in told.note
    assert "secret words" not in told.note
    assert "secret words" in in_full.note


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Started.", "⟦Started.⟧"),
        ("Waiting for managers.", "⟦Waiting for ⟦Managers⟧.⟧"),
        ("Waiting for the fraud check.", "⟦Waiting for the fraud check.⟧"),
        ("Nobody answered in time; now waiting for directors.", None),
        ("Approved by max.", "⟦⟦Approved⟧ by Max Huber.⟧"),
        ("Score 700: good credit.", "⟦Score 700: good credit.⟧"),
        ("160.00 USD needs no approval.", "⟦160,00\xa0$ needs no approval.⟧"),
        ("5000 USD at 7.5 percent.", "⟦5.000,00\xa0$ at 7,5 percent.⟧"),
        ("Waiting for max.", "⟦Waiting for Max Huber.⟧"),
        ("20000.00 USD for New kitchen.", "⟦20.000,00\xa0$ for New kitchen.⟧"),
        (
            "The car was refused: No car is left (simulated). Undoing 3 bookings.",
            "⟦⟦Car⟧: refused.⟧ ⟦None is left (simulated).⟧ ⟦3 bookings are being undone.⟧",
        ),
        ("The hotel was refused: Full on 3 May.", "⟦⟦Hotel⟧: refused.⟧ Full on 3 May."),
        (
            "The flight could not be booked. Undoing 1 bookings.",
            "⟦⟦Flight⟧: could not be booked.⟧ ⟦1 booking is being undone.⟧",
        ),
        (
            "The car service did not answer to cancel in 3 tries. Operators are asked.",
            "⟦⟦Car⟧: no answer to the cancellation in 3 tries.⟧ ⟦Operators are asked.⟧",
        ),
        (
            "The car service did not answer to reserve in 3 tries. All bookings are undone.",
            "⟦⟦Car⟧: no answer to the booking in 3 tries.⟧ ⟦All bookings are undone.⟧",
        ),
        ("Undone: Nothing had been booked.", "⟦Undone: ⟦Nothing had been booked.⟧⟧"),
        ("Given up after 11 questions.", "⟦Given up after 11 questions.⟧"),
        (
            "Not undone: hotel hotel-1, car car-2. It may still be booked.",
            "⟦Not undone: ⟦Hotel⟧ hotel-1, ⟦Car⟧ car-2.⟧ ⟦It may still be booked.⟧",
        ),
        ("Another producer's own words by hand.", "Another producer's own words by hand."),
    ],
)
def test_the_progress_of_a_run_reads_so_where_it_is_our_own(message: str, shown: str | None) -> None:
    with german():
        said = progress_words(message, {"max": "Max Huber"})
    assert said == shown if shown else said.startswith("⟦Nobody answered in time; now waiting for ")
    assert progress_words("Rejected by max: Too dear.", {}) == "Rejected by max: Too dear."

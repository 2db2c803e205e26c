"""The demo's office: made by the portal's actions, once, and out of the way of a first approval."""

from decimal import Decimal

import pytest
from django.utils import timezone

from approvals.actions.views import delete_view
from approvals.models import Absence, AuditEvent, EffectivePolicy, Policy, PolicyRule, SavedView, User
from approvals.policy import Viewer, may_decide
from local.demo_office import furnish
from local.demo_story import PEOPLE
from local.people_and_requests import make_people
from tests.factories import approval_request

pytestmark = pytest.mark.django_db
PASSWORD = "amber-birch-cedar"


@pytest.fixture(autouse=True)
def _furnished() -> None:
    make_people(PASSWORD)
    furnish()


def test_it_is_made_once_and_is_on_the_record() -> None:
    furnish()
    assert (Policy.objects.count(), PolicyRule.objects.count(), Absence.objects.count()) == (2, 2, 1)
    assert SavedView.objects.get().group_id is not None
    said = AuditEvent.objects.values_list("action", flat=True)
    assert {"policy.versioned", "policyrule.created", "user.away_set", "view.saved"} <= set(said)


def test_what_somebody_drops_does_not_come_back() -> None:
    delete_view(Viewer.of(User.objects.get(username="approver")), SavedView.objects.get().pk)
    PolicyRule.objects.update(active=False)
    furnish()
    assert not SavedView.objects.exists()
    assert not PolicyRule.objects.filter(active=True).exists()


def test_a_first_expense_is_approved_by_one_manager_and_a_large_one_by_two() -> None:
    first = approval_request(requester="requester", amount=Decimal(4999))
    large = approval_request(requester="priya", amount=Decimal(6780))
    contract = approval_request(requester="jonas", workflow="document", stage="review", amount=None, currency="")
    EffectivePolicy.objects.pin([first, large, contract], timezone.now())
    assert EffectivePolicy.objects.of(first) is None
    assert {one.version.policy.name for one in EffectivePolicy.objects.all() if one.version} == {
        "Two managers above 5,000 EUR",
        "Legal and a manager for contracts",
    }
    approver = Viewer.of(User.objects.get(username="approver"))
    assert all(may_decide(approver, one) for one in (first, large, contract))


def test_everybody_named_signs_in_also_where_an_older_demo_had_locked_them_out() -> None:
    jonas = User.objects.get(username="jonas")
    jonas.set_unusable_password()
    jonas.save()
    make_people(PASSWORD)
    assert all(User.objects.get(username=person.username).check_password(PASSWORD) for person in PEOPLE)

"""Asking somebody instead, or as well: within whom the workflow asks, with a reason, on the record."""

import pytest
from django.utils import timezone

from approvals.actions.claim import claim
from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Invalid, Refused
from approvals.actions.handover import add_approver, reassign
from approvals.models import ApprovalRequest, AuditEvent, Claim, Decision, Handover, User
from approvals.models.pages import Order
from approvals.models.terms import Needed
from approvals.policy import may_decide
from tests.factories import approval_request, person, policy, viewer
from tests.policies import each, opened, step

pytestmark = pytest.mark.django_db
FLOOR = policy("managers", "finance", "legal")


@pytest.fixture(autouse=True)
def people() -> None:
    """Who works here."""
    names = {"managers": ("anna", "ben", "cleo"), "finance": ("fay", "fred"), "legal": ("lea",), "admins": ("adam",)}
    for group, members in names.items():
        for name in members:
            person(name, group)


def answer(name: str, request: ApprovalRequest) -> Decision | None:
    ballot = Ballot("approved", "", request.version, request.content_digest)
    return decide(viewer(name), request.approval_id, ballot)[1]


def code(name: str, request: ApprovalRequest) -> str:
    request.refresh_from_db()
    return may_decide(viewer(name), request).code


def waiting() -> set[str]:
    """Who has something in their queue."""
    found = set()
    for name in ("anna", "ben", "cleo", "fay", "fred", "lea", "adam"):
        rows = ApprovalRequest.objects.open().not_barred_for(name)
        if rows.page_of_audiences(viewer(name).audiences, Order.DEADLINE).rows:
            found.add(name)
    return found


def test_where_one_answer_is_enough_it_is_put_to_one_person_alone() -> None:
    request = approval_request()
    reassign(viewer("anna"), request.approval_id, "BEN", "He knows the supplier.")
    assert (code("ben", request), code("anna", request), code("cleo", request)) == (
        "asked", "handed_over", "handed_over",
    )  # fmt: skip
    assert waiting() == {"ben"}
    line = AuditEvent.objects.get(action="request.reassigned")
    assert (line.actor, line.data["to"], line.summary) == ("anna", "ben", "to ben: He knows the supplier.")
    assert answer("ben", request) is not None


def test_a_full_name_is_enough_where_only_one_person_has_it() -> None:
    request = approval_request()
    User.objects.filter(username="ben").update(first_name="Ben", last_name="de Berg")
    User.objects.filter(username__in=["cleo", "fay"]).update(first_name="Mei", last_name="Tanaka")
    with pytest.raises(Invalid, match="More than one person here is called Mei Tanaka"):
        reassign(viewer("anna"), request.approval_id, "Mei Tanaka", "She knows.")
    assert reassign(viewer("anna"), request.approval_id, "ben  De Berg", "He knows.").taker.username == "ben"


def test_a_name_as_the_page_offers_it_means_that_person_also_where_two_have_it() -> None:
    request = approval_request()
    User.objects.filter(username__in=["cleo", "fay"]).update(first_name="Mei", last_name="Tanaka")
    assert reassign(viewer("anna"), request.approval_id, "Mei Tanaka (cleo)", "She knows.").taker.username == "cleo"


def test_it_can_be_passed_on_and_come_back() -> None:
    request = approval_request()
    reassign(viewer("anna"), request.approval_id, "ben", "He knows.")
    reassign(viewer("ben"), request.approval_id, "anna", "She knows better.")
    assert waiting() == {"anna"}
    reassign(viewer("adam"), request.approval_id, "cleo", "Anna is ill.")
    assert waiting() == {"cleo"}


def test_where_several_must_agree_each_hands_over_their_own_place() -> None:
    request = opened(each("finance", "legal"), request={"policy": FLOOR})
    reassign(viewer("lea"), request.approval_id, "anna", "I am away.")
    assert (code("lea", request), code("anna", request)) == ("handed_over", "asked")
    assert waiting() == {"anna", "fay", "fred"}
    assert answer("anna", request) is None
    assert answer("fay", request) is not None


def test_of_all_the_one_who_takes_the_place_must_agree() -> None:
    request = opened(step("finance", needed=Needed.ALL), request={"policy": FLOOR})
    reassign(viewer("fay"), request.approval_id, "lea", "I am away.")
    assert answer("fred", request) is None
    assert answer("lea", request) is not None


def test_nobody_hands_a_place_to_who_is_asked_already_and_no_admin_hands_over_others() -> None:
    request = opened(step("finance", needed=Needed.ALL), request={"policy": FLOOR})
    with pytest.raises(Invalid, match="Fred is asked already"):
        reassign(viewer("fay"), request.approval_id, "fred", "I am away.")
    with pytest.raises(Invalid, match="each hands over their own place"):
        reassign(viewer("adam"), request.approval_id, "lea", "They are away.")
    assert not Handover.objects.exists()


def test_who_is_asked_as_well_is_needed_and_counts_for_nobody_else() -> None:
    request = opened(step("managers"), request={"policy": FLOOR})
    add_approver(viewer("anna"), request.approval_id, "lea", "There is a contract.")
    assert waiting() == {"anna", "ben", "cleo", "lea"}
    assert answer("lea", request) is None
    assert answer("ben", request) is not None


def test_without_the_one_asked_as_well_nothing_is_passed() -> None:
    request = approval_request(policy=policy("managers", "legal"))
    add_approver(viewer("adam"), request.approval_id, "lea", "There is a contract.")
    assert answer("anna", request) is None
    assert answer("lea", request) is not None


def test_an_added_person_never_makes_it_easier_than_the_workflow_says() -> None:
    request = approval_request(policy=policy("managers", required=2))
    assert answer("anna", request) is None
    add_approver(viewer("ben"), request.approval_id, "cleo", "She pays.")
    assert answer("cleo", request) is None
    assert answer("ben", request) is not None


@pytest.mark.parametrize("act", [reassign, add_approver])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("zoe", "Nobody here is called zoe"),
        ("fay", "It is put to managers. Fay is in finance."),
        ("rita", "Rita asked for it"),
        ("mallory", "It excludes Mallory"),
    ],
)
def test_nobody_outside_the_workflows_floor_is_ever_asked(act: object, name: str, why: str) -> None:
    person("rita", "managers")
    person("mallory", "managers")
    request = approval_request(policy=policy("managers", exclude=("mallory",)))
    with pytest.raises(Invalid, match=why):
        act(viewer("anna"), request.approval_id, name, "Because.")  # type: ignore[operator]
    assert not Handover.objects.exists()


def test_only_whose_turn_it_is_or_an_admin_changes_who_is_asked() -> None:
    request = opened(step("managers"), step("finance"), request={"policy": FLOOR, "requester": "adam"})
    for name in ("fay", "zoe", "adam"):
        with pytest.raises(Refused):
            reassign(viewer(name), request.approval_id, "ben", "Because.")
    assert AuditEvent.objects.filter(action="request.reassign_refused").count() == 3


def test_a_reason_is_needed_and_a_step_that_nobody_could_pass_is_refused() -> None:
    request = opened(step("legal", "finance", needed=Needed.COUNT, count=3), request={"policy": FLOOR})
    with pytest.raises(Invalid, match="Say why"):
        add_approver(viewer("lea"), request.approval_id, "anna", " ")
    with pytest.raises(Invalid, match="Then nobody could pass this step"):
        add_approver(viewer("lea"), request.approval_id, "fay", "She pays.")
    assert not Handover.objects.exists()


def test_who_is_on_it_stays_on_it_when_somebody_is_asked_as_well() -> None:
    request = approval_request()
    claim(viewer("anna"), request.approval_id)
    add_approver(viewer("anna"), request.approval_id, "ben", "He knows.")
    assert Claim.objects.on(request, timezone.now()) is not None
    assert not AuditEvent.objects.filter(action="request.released").exists()


def test_the_history_says_that_a_claim_ended_with_the_place() -> None:
    request = approval_request()
    claim(viewer("anna"), request.approval_id)
    reassign(viewer("adam"), request.approval_id, "ben", "He knows.")
    line = AuditEvent.objects.get(action="request.released")
    assert (line.actor, line.summary, line.data["holder"]) == ("adam", "Anna is no longer on it", "anna")


def test_the_next_step_begins_with_its_own_people_and_claims_end() -> None:
    request = opened(step("managers"), step("finance"), request={"policy": FLOOR})
    claim(viewer("anna"), request.approval_id)
    reassign(viewer("anna"), request.approval_id, "ben", "He knows.")
    assert not Claim.objects.live(Claim.objects.latest("id").until).exists()
    answer("ben", request)
    assert waiting() == {"fay", "fred"}

"""Why somebody may or may not decide: about oneself for everybody, about anybody for auditors and admins."""

from datetime import UTC, datetime

import pytest

from approvals.models import ApprovalRequest, AuditEvent, EffectivePolicy, User
from approvals.models.sentence import english
from approvals.policy import checks
from tests.factories import approval_request, person, policy, viewer
from tests.policies import opened, step
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people() -> None:
    """Who the policies of these tests ask."""
    person("anna", "managers")
    person("fay", "finance")


def test_a_decider_sees_every_check_passed(signed_in: SignIn) -> None:
    request = approval_request()
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/explain/")
    assert page.status_code == 200
    assert page.context["may_decide"]
    assert all(check.answer for check in page.context["checks"])
    assert "Somebody else&#x27;s username" not in page.text


def test_moments_are_in_the_readers_zone_and_the_reader_is_called_you(signed_in: SignIn) -> None:
    request = approval_request(expires_at=datetime(2036, 11, 28, 17, 34, tzinfo=UTC))
    anna = signed_in("anna", "managers")
    User.objects.filter(username="anna").update(time_zone="Europe/Berlin")
    page = anna.get(f"/requests/{request.approval_id}/explain/").text
    assert "It is 28 Nov 2036, 18:34 CET." in page
    assert "You may decide this now" in page
    notes = [check.note for check in checks(viewer("anna"), request)]
    assert "It is 2036-11-28 17:34 UTC." in [english(note) for note in notes]


def test_every_reason_is_named_not_only_the_first(signed_in: SignIn) -> None:
    request = approval_request(requester="anna", policy=policy("finance", exclude=("anna",)))
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/explain/")
    failed = [check.answer.code for check in page.context["checks"] if not check.answer]
    assert failed == ["requester", "not_asked", "excluded"]
    assert "It is put to finance. Anna is in managers." in page.text


def test_an_auditor_asks_for_anybody_and_reads_whose_turn_it_is(signed_in: SignIn) -> None:
    request = opened(step("managers"), step("finance"), request={"policy": policy("managers", "finance")}, name="Two")
    page = signed_in("olga", "auditors").get(f"/requests/{request.approval_id}/explain/?user=FAY")
    assert page.context["may_decide"].code == "not_yet"
    assert "<bdi>Fay</bdi> may not decide this now" in page.text
    assert "It is their turn: step 1 of 2, Managers" in page.text
    assert "Two, version 1" in page.text


def test_nobody_else_asks_about_others_and_the_attempt_is_on_the_record(signed_in: SignIn) -> None:
    request = approval_request()
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/explain/?user=fay")
    assert page.status_code == 403
    assert AuditEvent.objects.get(action="request.explain_refused").actor == "anna"


def test_a_name_that_nobody_has_is_said_so(signed_in: SignIn) -> None:
    request = approval_request()
    page = signed_in("olga", "auditors").get(f"/requests/{request.approval_id}/explain/", {"user": "no\0body"})
    assert page.status_code == 404
    assert "Nobody here is called nobody" in page.text


def test_who_may_not_see_the_request_learns_nothing_here_either(signed_in: SignIn) -> None:
    request = approval_request(policy=policy("finance"))
    assert signed_in("zoe").get(f"/requests/{request.approval_id}/explain/").status_code == 404


def test_the_request_page_shows_the_policy_its_version_and_the_step(signed_in: SignIn) -> None:
    request = opened(step("managers"), step("finance"), request={"policy": policy("managers", "finance")}, name="Two")
    client = signed_in("fay", "finance")
    page = client.get(f"/requests/{request.approval_id}/")
    assert "Two, version 1" in page.text
    assert "Your turn comes later: this is step 1 of 2" in page.text
    assert f'href="/requests/{request.approval_id}/explain/"' in page.text
    assert [one.state for one in page.context["policy"].steps] == ["now", "later"]


def test_a_step_that_nobody_can_pass_is_said_on_the_page(signed_in: SignIn) -> None:
    request = opened(step("finance"), request={"policy": policy("managers")})
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/")
    assert "Nobody can answer step 1" in page.text


def test_the_check_of_the_policys_time_says_which_time_runs() -> None:
    anna = viewer("anna")

    def said() -> list[str]:
        return [str(check.note) for check in checks(anna, ApprovalRequest.objects.get())]

    opened(step("managers"))
    assert "No time of its own runs for the step: the workflow's deadline counts." in said()
    EffectivePolicy.objects.get().expire()
    assert "The step's time is over." in said()

"""Who gets which page: strangers get 404 everywhere, and signed-out people the sign-in."""

import pytest
from django.test import Client

from approvals.models import AuditEvent, Comment, Decision, Vote
from tests.factories import approval_request
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
PAGES = ["", "receipt/", "live/"]
ACTS = ["decide/", "close/", "comments/"]


@pytest.mark.parametrize("part", PAGES)
def test_a_stranger_gets_404_and_the_attempt_is_on_the_record(signed_in: SignIn, part: str) -> None:
    request = approval_request()
    answer = signed_in("olaf").get(f"/requests/{request.approval_id}/{part}")
    assert answer.status_code == 404
    assert request.title not in answer.text
    assert AuditEvent.objects.get(action="request.view_refused").actor == "olaf"


@pytest.mark.parametrize("part", ACTS)
def test_a_stranger_can_do_nothing(signed_in: SignIn, part: str) -> None:
    request = approval_request()
    answer = signed_in("olaf").post(f"/requests/{request.approval_id}/{part}", {"body": "Hello", "reason": "No"})
    assert answer.status_code == 404
    stored = [kind for kind in (Vote, Decision, Comment) if kind.objects.exists()]
    assert stored == []


@pytest.mark.parametrize("part", [*PAGES, *ACTS])
def test_a_request_that_does_not_exist_looks_just_the_same(signed_in: SignIn, part: str) -> None:
    client = signed_in("olaf")
    request = approval_request()
    hidden = client.post(f"/requests/{request.approval_id}/{part}") if part in ACTS else None
    hidden = hidden or client.get(f"/requests/{request.approval_id}/{part}")
    missing = client.post(f"/requests/none.manager/{part}") if part in ACTS else None
    missing = missing or client.get(f"/requests/none.manager/{part}")
    assert (hidden.status_code, missing.status_code) == (404, 404)


@pytest.mark.parametrize("path", ["/queue/", "/requests/x.manager/", "/requests/x.manager/decide/"])
def test_signed_out_people_are_asked_to_sign_in(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_a_part_of_a_page_asked_for_after_the_session_ended_reloads_the_page() -> None:
    answer = Client().get("/queue/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("username", "groups"),
    [("rita", []), ("anna", ["managers"]), ("aurel", ["auditors"]), ("ada", ["admins"])],
)
def test_requester_asked_people_auditors_and_admins_see_it(signed_in: SignIn, username: str, groups: list[str]) -> None:
    request = approval_request(requester="rita")
    assert signed_in(username, *groups).get(f"/requests/{request.approval_id}/").status_code == 200


@pytest.mark.parametrize("part", ACTS)
def test_opening_the_address_of_an_action_leads_to_the_request(signed_in: SignIn, part: str) -> None:
    request = approval_request()
    answer = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/{part}")
    assert (answer.status_code, answer["Location"]) == (302, f"/requests/{request.approval_id}/")


def test_an_address_that_no_database_can_hold_is_simply_not_there(signed_in: SignIn) -> None:
    assert signed_in("olaf").get("/requests/expense%00one/").status_code == 404

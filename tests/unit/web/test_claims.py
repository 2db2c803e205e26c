"""Being on a request, at the page."""

import re
from html import unescape

import pytest

from approvals.actions.decide import Ballot, decide
from approvals.models import Claim
from approvals.web import handover
from tests.factories import approval_request, person, policy, viewer
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_a_decider_says_to_be_on_it_and_others_see_who(signed_in: SignIn) -> None:
    request = approval_request()
    address = f"/requests/{request.approval_id}/"
    anna = signed_in("anna", "managers")
    assert "I am on it" in anna.get(address).text
    assert anna.post(f"{address}claim/", {"reason": "Asking"}, follow=True).status_code == 200
    ben = signed_in("ben", "managers")
    page = ben.get(address).text
    assert "Anna</bdi></strong> is on it" in page
    assert "You may decide nevertheless." in page
    assert "I am on it" not in page
    assert "Anna</bdi> is on it" in ben.get("/queue/").text
    assert "End the claim" not in page
    assert "Stay on it longer" in anna.get(address).text


def test_an_open_page_hears_who_is_on_the_request_and_when_nobody_is_any_more(signed_in: SignIn) -> None:
    request = approval_request()
    address = f"/requests/{request.approval_id}/"
    anna, ben = signed_in("anna", "managers"), signed_in("ben", "managers")
    opened = watched(ben.get(address).text)
    assert ben.get(opened).status_code == 204
    anna.post(f"{address}claim/", {"reason": "Asking"})
    told = ben.get(opened).text
    assert "Anna</bdi></strong> is on it" in told
    assert 'id="claim-on" role="status" hx-swap-oob="true"' in told
    assert ben.get(watched(told)).status_code == 204
    anna.post(f"{address}release/")
    assert 'id="claim-on" role="status" hidden hx-swap-oob="true"' in ben.get(watched(told)).text


def watched(page: str) -> str:
    """The address by which an open page asks for news."""
    found = re.search(r'hx-get="([^"]+/live/[^"]*)"', page)
    assert found
    return unescape(found[1])


def test_a_release_is_the_holders(signed_in: SignIn) -> None:
    request = approval_request()
    anna, ben = signed_in("anna", "managers"), signed_in("ben", "managers")
    anna.post(f"/requests/{request.approval_id}/claim/")
    refused = ben.post(f"/requests/{request.approval_id}/release/", follow=True)
    assert "only they or an admin may end that" in refused.text
    anna.post(f"/requests/{request.approval_id}/release/")
    assert "I am on it" in ben.get(f"/requests/{request.approval_id}/").text
    assert Claim.objects.count() == 1


def test_opening_the_address_claims_nothing(signed_in: SignIn) -> None:
    request = approval_request()
    assert signed_in("anna", "managers").get(f"/requests/{request.approval_id}/claim/").status_code == 302
    assert not Claim.objects.exists()


def test_who_asked_sees_who_is_on_it_and_has_no_button(signed_in: SignIn) -> None:
    request = approval_request(requester="rita")
    signed_in("anna", "managers").post(f"/requests/{request.approval_id}/claim/")
    page = signed_in("rita").get(f"/requests/{request.approval_id}/").text
    assert "is on it" in page
    assert "/release/" not in page


def test_asking_somebody_else_is_done_at_the_request_and_shown_there(signed_in: SignIn) -> None:
    request = approval_request()
    person("ben", "managers")
    anna = signed_in("anna", "managers")
    address = f"/requests/{request.approval_id}/"
    assert "Ask somebody else" in anna.get(address).text
    done = anna.post(f"{address}handover/", {"to": "ben", "reason": "He knows.", "what": "reassign"}, follow=True)
    assert "Ben is asked now." in done.text
    assert "It is put to Ben, who is asked now." in done.text
    assert "Whose turn it is" in done.text
    assert "He knows." in done.text


def test_a_fault_shows_the_form_again_with_what_was_typed(signed_in: SignIn) -> None:
    request = approval_request()
    anna = signed_in("anna", "managers")
    page = anna.post(f"/requests/{request.approval_id}/handover/", {"to": "zoe", "reason": "Why", "what": "add"})
    assert page.status_code == 422
    assert "Nobody here is called zoe" in page.text
    assert 'value="Why"' in page.text


def test_those_who_may_be_asked_are_offered_by_their_names(signed_in: SignIn) -> None:
    request = approval_request(requester="rita", policy=policy("managers", exclude=("mallory",)))
    person("mei", "managers", first_name="Mei", last_name="Tanaka")
    for name in ("rita", "mallory"):
        person(name, "managers")
    person("gone", "managers", is_active=False)
    person("fay", "finance")
    anna = signed_in("anna", "managers")
    page = anna.get(f"/requests/{request.approval_id}/").text
    listed = page.partition('<datalist id="handover-people">')[2].partition("</datalist>")[0]
    assert re.findall('value="(.*?)"', listed) == ["Mei Tanaka (mei)"]
    assert '<label for="handover-to">Name</label>' in page
    asked = {"to": "Mei Tanaka (mei)", "reason": "She knows.", "what": "reassign"}
    done = anna.post(f"/requests/{request.approval_id}/handover/", asked, follow=True)
    assert "Mei Tanaka is asked now." in done.text


def test_among_many_they_are_found_by_typing(signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "MOST_PEOPLE", 1)
    request = approval_request(requester="rita")
    for name in ("ben", "cleo"):
        person(name, "managers")
    anna, address = signed_in("anna", "managers"), f"/requests/{request.approval_id}/handover/people/"
    assert f'hx-get="{address}"' in anna.get(f"/requests/{request.approval_id}/").text
    assert re.findall('value="(.*?)"', anna.get(address, {"to": "cl"}).text) == ["Cleo (cleo)"]
    assert signed_in("rita").get(address, {"to": "cl"}).status_code == 404


def test_who_is_not_asked_has_no_form_and_is_refused(signed_in: SignIn) -> None:
    request = approval_request(requester="rita")
    rita = signed_in("rita")
    assert "Ask somebody else" not in rita.get(f"/requests/{request.approval_id}/").text
    refused = rita.post(f"/requests/{request.approval_id}/handover/", {"to": "ben", "reason": "x"}, follow=True)
    assert "somebody else must decide it" in refused.text


def test_who_is_asked_as_well_is_named_in_what_is_needed(signed_in: SignIn) -> None:
    request = approval_request(requester="rita")
    person("ben", "managers")
    anna = signed_in("anna", "managers")
    address = f"/requests/{request.approval_id}/"
    asked = {"to": "ben", "reason": "He knows.", "what": "add"}
    anna.post(f"{address}handover/", asked)
    ben = signed_in("ben", "managers")
    decide(viewer("ben", "managers"), request.approval_id, Ballot("approved", "", 1, request.content_digest))
    for page in (anna.get(address).text, ben.get(address).text, signed_in("rita").get(address).text):
        assert "Ben as well, and 1 more, must approve." in page
        assert "One answer settles it" not in page
        assert "one of them must agree, and Ben as well" in page


def test_after_a_handover_the_page_names_who_is_asked_now(signed_in: SignIn) -> None:
    request = approval_request()
    person("ben", "managers")
    anna = signed_in("anna", "managers")
    address = f"/requests/{request.approval_id}/"
    asked = {"to": "ben", "reason": "He knows.", "what": "reassign"}
    page = anna.post(f"{address}handover/", asked, follow=True).text
    put_to = page.partition("<dt>Put to</dt>")[2].partition("</dd>")[0]
    assert "<bdi>Ben</bdi>" in put_to
    assert "managers" not in put_to
    assert "The answer of Ben settles it." in page
    assert "Ben; asked instead of the others" in page

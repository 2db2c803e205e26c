"""Being on a request, at the page."""

import pytest

from approvals.models import Claim
from tests.factories import approval_request
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
    assert "anna</bdi> is on it" in ben.get("/queue/").text
    assert "End the claim" not in page
    assert "Stay on it longer" in anna.get(address).text


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

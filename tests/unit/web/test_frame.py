"""The frame of every page: navigation by role, theme, banners, errors, and a strict content policy."""

import re

import pytest
from django.test import Client, RequestFactory, override_settings

from approvals.web.errors import server_error
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_admins_and_auditors_find_the_record_and_others_do_not(signed_in: SignIn) -> None:
    assert 'href="/admin/"' in signed_in("ada", "admins").get("/queue/").text
    assert 'href="/admin/"' in signed_in("aurel", "auditors").get("/queue/").text
    assert 'href="/admin/"' not in signed_in("anna", "managers").get("/queue/").text


def test_nothing_on_the_page_needs_an_exception_from_the_content_policy(signed_in: SignIn) -> None:
    answer = signed_in("anna", "managers").get("/queue/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\ssrc=)", answer.text)
    assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|javascript:", answer.text)
    assert '"allowEval":false' in answer.text


def test_the_theme_is_kept_and_shown(signed_in: SignIn) -> None:
    client = signed_in("anna")
    assert 'data-theme="system"' in client.get("/queue/").text
    answer = client.post("/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/queue/?tab=all"})
    assert answer["Location"] == "http://testserver/queue/?tab=all"
    assert 'data-theme="dark"' in client.get("/queue/").text


@pytest.mark.parametrize("theme", ["neon", '"><script>'])
def test_an_unknown_theme_changes_nothing(signed_in: SignIn, theme: str) -> None:
    client = signed_in("anna")
    answer = client.post("/theme/", {"theme": theme}, headers={"Referer": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    client.cookies["theme"] = theme
    assert 'data-theme="system"' in client.get("/queue/").text


def test_the_demo_says_that_it_is_one(signed_in: SignIn) -> None:
    client = signed_in("anna")
    assert "Demo:" not in client.get("/queue/").text
    with override_settings(DEMO=True):
        assert "Demo:" in client.get("/queue/").text


def test_trouble_is_told_on_every_page(signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("approvals.web.context.trouble", lambda viewer: ["AWS has not answered for 3 minutes."])
    assert "AWS has not answered for 3 minutes." in signed_in("anna").get("/queue/").text


def test_a_page_that_does_not_exist_offers_a_way_on(signed_in: SignIn) -> None:
    answer = signed_in("anna").get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here for you" in answer.text
    assert 'href="/queue/"' in answer.text


def test_signed_out_people_get_the_same_error_page() -> None:
    assert "There is nothing here for you" in Client().get("/nowhere/").text


@pytest.mark.django_db(databases=[])
def test_a_fault_of_ours_is_told_without_touching_the_database() -> None:
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "That is our fault" in answer.text


def test_a_names_markup_stays_text(signed_in: SignIn) -> None:
    client = signed_in("mallory", "managers")
    from approvals.models import User

    User.objects.filter(username="mallory").update(first_name="<b>Mal\u202e", last_name="")
    page = client.get("/queue/").text
    assert "<b>Mal" not in page
    assert "\u202e" not in page

"""Which language a page is in, and who chose it."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from approvals.models import AuditEvent, User
from tests.factories import PASSWORD, person
from tests.german import CLOSE, OPEN
from tests.unit.i18n.bracketed import brackets
from tests.unit.web.forms import signed_in

pytestmark = pytest.mark.django_db
GERMAN = {"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"}


def language_of(answer: HttpResponse) -> str:
    """The language that a page says it is in, twice."""
    [said] = re.findall(r'<html lang="(\w+)"', answer.content.decode())
    assert answer.headers["Content-Language"] == said
    return said


def speaking(username: str, language: str) -> Client:
    """The browser of somebody who has chosen a language on the account page."""
    client = signed_in(username)
    User.objects.filter(username=username).update(language=language)
    return client


def test_ones_own_choice_comes_before_the_browsers_and_that_before_what_the_browser_asks_for() -> None:
    client = speaking("rita", "fr")
    client.cookies["django_language"] = "de"
    assert language_of(client.get("/account/", headers={"Accept-Language": "en"})) == "fr"
    User.objects.update(language="")
    assert language_of(client.get("/account/", headers={"Accept-Language": "en"})) == "de"
    del client.cookies["django_language"]
    assert language_of(client.get("/account/", headers=GERMAN)) == "de"
    assert language_of(client.get("/account/", headers={"Accept-Language": "sv"})) == "en"


def test_an_error_page_is_in_the_persons_language_too() -> None:
    assert language_of(speaking("rita", "fr").get("/nowhere/")) == "fr"


def test_a_language_that_the_portal_does_not_have_is_nobodys(client: Client) -> None:
    client.cookies["django_language"] = "../../etc"
    assert language_of(client.get("/login/")) == "en"
    assert language_of(speaking("rita", "xx").get("/account/")) == "en"


def test_pages_of_different_languages_are_never_taken_for_each_other_by_a_cache(client: Client) -> None:
    for answer in (client.get("/login/"), signed_in("rita").get("/account/"), client.get("/nowhere/")):
        assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


def test_the_sign_in_page_changes_its_language_and_keeps_the_way_on(client: Client) -> None:
    page = client.get("/login/?next=/queue/", headers=GERMAN).content.decode()
    assert '<button name="language" value="en" lang="en" aria-pressed="false">English</button>' in page
    assert '<button name="language" value="fr" lang="fr" aria-pressed="false">Français</button>' in page
    [back] = re.findall(r'name="next" value="(/login/[^"]*)"', page)
    answer = client.post("/language/", {"language": "fr", "next": back})
    assert answer.headers["Location"] == "/login/?next=%2Fqueue%2F"
    assert answer.cookies["django_language"]["httponly"]
    page = client.get(answer.headers["Location"])
    assert language_of(page) == "fr"
    assert 'name="next" value="/queue/"' in page.content.decode()


def test_a_change_of_language_leads_to_no_other_site(client: Client) -> None:
    answer = client.post("/language/", {"language": "de", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_merely_opening_the_address_changes_nothing(client: Client) -> None:
    assert "django_language" not in client.get("/language/?language=fr&next=/login/").cookies


def test_who_signs_in_keeps_the_language_chosen_there_unless_they_have_one(client: Client) -> None:
    rita, max_ = person("rita"), person("max", language="en")
    for user in (rita, max_):
        client.cookies["django_language"] = "fr"
        client.post("/login/", {"username": user.username, "password": PASSWORD})
        client.post("/logout/")
        user.refresh_from_db()
    assert (rita.language, max_.language) == ("fr", "en")


def test_the_account_page_takes_the_choice_and_answers_in_it() -> None:
    client = signed_in("rita")
    with brackets("de"):
        answer = client.post("/account/", {"form": "profile", "first_name": "Rita", "language": "de"})
        assert answer.cookies["django_language"].value == "de"
        page = client.get("/account/").content.decode()
        assert f"{OPEN}Saved.{CLOSE}" in page
        assert f"<h1>{OPEN}Your account{CLOSE}</h1>" in page
    [event] = AuditEvent.objects.filter(action="user.changed")
    assert (event.data["before"], event.data["after"]) == ({"language": ""}, {"language": "de"})
    answer = client.post("/account/", {"form": "profile", "first_name": "Rita", "language": ""})
    assert answer.cookies["django_language"]["max-age"] == 0
    assert User.objects.get().language == ""


def test_the_account_page_takes_no_other_language() -> None:
    assert signed_in("rita").post("/account/", {"form": "profile", "language": "xx"}).status_code == 422

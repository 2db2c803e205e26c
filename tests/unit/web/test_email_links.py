"""Links of e-mails open a page and do nothing else, however often and by whomever they are fetched."""

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, Decision, Vote
from approvals.models.content import content_of, digest_of
from approvals.web.email_links import SALT, link_to
from portal.access_log import RedactedLogger
from portal.logs import JsonFormatter, redacted
from tests.factories import PASSWORD, approval_request, person, policy, viewer
from tests.unit.web.conftest import SignIn
from tests.unit.web.forms import has_word

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_() -> ApprovalRequest:
    """A request for the managers."""
    return approval_request(title="Train to Lyon")


@pytest.fixture
def link(request_: ApprovalRequest) -> str:
    """Anna's link to it."""
    return link_to(person("anna", "managers"), request_)


def everything() -> dict[str, list[Any]]:
    """Every row of every table."""
    return {str(model): list(model._base_manager.order_by("pk").values()) for model in apps.get_models()}


@contextmanager
def only_reading() -> Iterator[None]:
    """Nothing but SELECT reaches the database."""
    with CaptureQueriesContext(connection) as queries:
        yield
    assert [one["sql"] for one in queries if not one["sql"].lstrip("(").startswith("SELECT")] == []


def test_a_scanner_that_fetches_it_a_hundred_times_changes_nothing_and_uses_nothing_up(
    signed_in: SignIn, link: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    before = everything()
    scanner = Client()
    with django_assert_num_queries(0):
        for _ in range(50):
            assert scanner.get(link).status_code == 200
            assert scanner.head(link).status_code == 200
    assert everything() == before
    assert "sessionid" not in scanner.cookies
    assert signed_in("anna", "managers").get(link).status_code == 302


def test_a_stranger_sees_the_sign_in_and_nothing_of_the_request(link: str) -> None:
    page = Client().get(link)
    assert "Train to Lyon" not in page.text
    assert not has_word(page.text, "240")
    made_up = Client().get("/by-mail/made-up/")
    hidden = re.compile(r'name="(?:next|csrfmiddlewaretoken)" value="[^"]*"')
    assert hidden.sub("", page.text) == hidden.sub("", made_up.text)


def test_signing_in_there_leads_on_and_the_link_stands_in_no_address(link: str, request_: ApprovalRequest) -> None:
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(link)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', page.text)
    assert token
    assert 'action="/login/"' in page.text
    form = {"username": "anna", "password": PASSWORD, "next": link, "csrfmiddlewaretoken": token[1]}
    assert browser.post("/login/", form)["Location"] == link
    assert browser.get(link)["Location"] == f"/requests/{request_.approval_id}/"


def test_the_recipient_comes_to_the_ordinary_page_with_nothing_chosen(
    signed_in: SignIn, link: str, request_: ApprovalRequest
) -> None:
    client = signed_in("anna", "managers")
    with only_reading():
        answer = client.get(link)
    assert answer["Location"] == f"/requests/{request_.approval_id}/"
    page = client.get(answer["Location"])
    assert 'name="choice"' in page.text
    assert not re.search(r'name="choice"[^>]*checked', page.text)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_but_looking_is_possible(signed_in: SignIn, link: str, method: str) -> None:
    answer = getattr(signed_in("anna", "managers"), method)(link, {"choice": "approved"})
    assert answer.status_code == 405
    assert not Vote.objects.exists()


def test_to_somebody_else_it_says_so_and_leads_to_the_request(
    signed_in: SignIn, link: str, request_: ApprovalRequest
) -> None:
    client = signed_in("adam", "managers")
    with only_reading():
        answer = client.get(link)
    assert answer.status_code == 403
    assert "somebody else" in answer.text
    assert f'href="/requests/{request_.approval_id}/"' in answer.text
    assert "Train to Lyon" not in answer.text


def test_once_answered_it_is_used_up(signed_in: SignIn, link: str, request_: ApprovalRequest) -> None:
    ApprovalRequest.objects.update(policy=policy("managers", required=2))
    client = signed_in("anna", "managers")
    decide(viewer("anna"), request_.approval_id, Ballot("approved", "", 1, request_.content_digest))
    answer = client.get(link)
    assert answer.status_code == 410
    assert "You have answered this" in answer.text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": "rejected"}, "closed: rejected."),
        ({"status": "rejected", "decision": {"decided_by": "adam"}}, "closed: rejected by Adam Okafor."),
        ({"status": "timeout"}, "closed: timed out"),
        ({"expires_at": timezone.now() - timedelta(minutes=1)}, "The deadline has passed"),
    ],
)
def test_it_ends_with_its_request(signed_in: SignIn, link: str, change: dict[str, Any], says: str) -> None:
    person("adam", last_name="Okafor")
    ApprovalRequest.objects.update(**change)
    answer = signed_in("anna", "managers").get(link)
    assert answer.status_code == 410
    assert says in answer.text


def test_a_decision_on_its_way_ends_it_too(signed_in: SignIn, link: str, request_: ApprovalRequest) -> None:
    Decision.objects.create(request=request_, choice="approved", decided_by=person("adam"), decided_at=timezone.now())
    assert "Adam was first: approved. It is on its way." in signed_in("anna", "managers").get(link).text


def test_an_older_version_steps_aside(signed_in: SignIn, link: str, request_: ApprovalRequest) -> None:
    client = signed_in("anna", "managers")
    ApprovalRequest.objects.update(version=9)
    assert client.get(link).status_code == 302, "a write that no reader sees is no new version"
    request_.title = "Train to Nice"
    ApprovalRequest.objects.update(title="Train to Nice", content_digest=digest_of(content_of(request_)))
    answer = client.get(link)
    assert answer.status_code == 409
    assert "The request has changed" in answer.text


@pytest.mark.parametrize(
    "token",
    [
        "cut", "a:b:c", signing.dumps([1, "x", "y"], salt="another"), signing.dumps({"p": 1}, salt=SALT),
        signing.dumps("text", salt=SALT), "x" * 4000, "%00",
    ],
    # A signature holds the second in which it was made, and a test's name must be the same in every worker.
    ids=("cut", "three parts", "another salt", "an object", "a text", "very long", "a zero byte"),
)  # fmt: skip
def test_a_made_up_link_is_told_kindly(signed_in: SignIn, token: str) -> None:
    answer = signed_in("anna", "managers").get(f"/by-mail/{token}/")
    assert answer.status_code == 404
    assert "This link is not whole" in answer.text


def test_changing_one_letter_breaks_it(signed_in: SignIn, link: str) -> None:
    client = signed_in("anna", "managers")
    at = len("/by-mail/") + 3
    other = "A" if link[at] != "A" else "B"
    assert client.get(f"{link[:at]}{other}{link[at + 1 :]}").status_code == 404


def test_a_request_that_is_gone_is_not_found(signed_in: SignIn, link: str) -> None:
    client = signed_in("anna", "managers")
    ApprovalRequest.objects.all().delete()
    assert client.get(link, follow=True).status_code == 404


@pytest.mark.parametrize("who", ["", "anna", "adam"])
def test_no_other_page_learns_of_it(signed_in: SignIn, link: str, who: str) -> None:
    client = signed_in(who, "managers") if who else Client()
    answer = client.get(link)
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer["Cache-Control"]


def test_it_stands_in_no_log_and_on_no_record(signed_in: SignIn, link: str) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        signed_in("adam", "managers").get(link)
        signed_in("anna", "managers").get(f"{link[:-2]}x/")
        Client().post(f"/login/?next={link}", {"username": "x", "password": "y", "next": link})
    finally:
        logger.removeHandler(handler)
    token = link.split("/")[2]
    assert "/by-mail/[link]/" in written.getvalue()
    assert token[:20] not in written.getvalue()
    assert token[:20] not in str(everything())


def test_log_lines_stay_whole_where_links_are_left_out() -> None:
    record = logging.LogRecord("x", 20, "", 0, "Not Found: %s", ("/by-mail/abc:def:ghi/",), None)
    record.path = "/login/?next=%2Fby-mail%2Fabc:def%2F&x=1"
    line = json.loads(JsonFormatter().format(record))
    assert line["message"] == "Not Found: /by-mail/[link]/"
    assert line["path"] == "/login/?next=%2Fby-mail%2F[link]%2F&x=1"
    assert redacted("GET /queue/ HTTP/1.1") == "GET /queue/ HTTP/1.1"


def test_the_access_log_leaves_them_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {"r": "GET /by-mail/abc:def/ HTTP/1.1", "f": "http://x/by-mail/abc/", "s": 200, "U": "/by-mail/abc/"}
    monkeypatch.setattr("gunicorn.glogging.Logger.atoms", lambda *args: parts)
    logger = RedactedLogger.__new__(RedactedLogger)
    assert logger.atoms(None, None, None, None) == {
        "r": "GET /by-mail/[link]/ HTTP/1.1", "f": "http://x/by-mail/[link]/", "s": 200, "U": "/by-mail/[link]/",
    }  # fmt: skip

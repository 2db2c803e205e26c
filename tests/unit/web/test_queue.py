"""The queue page: what is in it for whom, in which order, and at what cost."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest
from tests.factories import approval_request, policy, read_for_search, viewer
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
MOST_QUERIES = 8
MOST_BYTES = 60_000


def due(hours: float, **fields: Any) -> ApprovalRequest:
    return approval_request(expires_at=timezone.now() + timedelta(hours=hours), **fields)


def titles(client: Client, address: str = "/queue/", **headers: str) -> list[str]:
    answer = client.get(address, headers=headers or None)
    assert answer.status_code == 200
    return [row.title for row in answer.context["page"].rows]


def vote(username: str, request: ApprovalRequest, choice: str = "approved") -> None:
    ballot = Ballot(choice, "Because.", request.version, request.content_digest)
    decide(viewer(username, "managers"), request.approval_id, ballot)


def test_what_waits_for_me_comes_nearest_deadline_first(signed_in: SignIn) -> None:
    due(50, title="Later")
    due(2, title="Sooner")
    assert titles(signed_in("anna", "managers")) == ["Sooner", "Later"]


def test_nothing_waits_for_me_that_i_may_not_answer(signed_in: SignIn) -> None:
    due(1, title="My own", requester="anna")
    due(1, title="Earlier stage was mine", policy=policy("managers", exclude=("anna",)))
    due(1, title="Another group's", policy=policy("finance"))
    due(-1, title="Past its deadline")
    vote("anna", due(1, title="Answered already", policy=policy("managers", required=2)))
    vote("ben", due(1, title="Decided by somebody else"))
    due(1, title="Mine to answer")
    assert titles(signed_in("anna", "managers")) == ["Mine to answer"]


def test_a_request_put_to_me_by_name_waits_for_me(signed_in: SignIn) -> None:
    due(1, title="By name", policy=policy(users=("anna",)))
    assert titles(signed_in("anna")) == ["By name"]
    assert titles(signed_in("ben")) == []


def test_my_groups_shows_what_waits_also_where_i_may_not_answer(signed_in: SignIn) -> None:
    due(1, title="Late", requester="anna")
    due(-1, title="Overdue")
    assert titles(signed_in("anna", "managers"), "/queue/?tab=groups") == ["Overdue", "Late"]


def test_decided_by_me_shows_votes_and_closings_newest_first(signed_in: SignIn) -> None:
    now = timezone.now()
    older = due(1, title="Older", created_at=now - timedelta(days=3))
    newer = due(1, title="Newer", created_at=now - timedelta(days=1))
    due(1, title="Untouched")
    vote("anna", older)
    vote("anna", newer, "rejected")
    assert titles(signed_in("anna", "managers"), "/queue/?tab=decided") == ["Newer", "Older"]


def test_all_is_everything_for_auditors_and_my_part_for_others(signed_in: SignIn) -> None:
    due(1, title="For managers")
    due(1, title="For finance", policy=policy("finance"), status="approved", settled_at=timezone.now())
    assert set(titles(signed_in("aurel", "auditors"), "/queue/?tab=all")) == {"For managers", "For finance"}
    assert titles(signed_in("farah", "finance"), "/queue/?tab=all") == ["For finance"]
    assert titles(signed_in("olaf"), "/queue/?tab=all") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lyon", ["Train to Lyon"]),
        ("q=rita", ["Train to Lyon"]),
        ("stage=finance", ["Desk"]),
        ("currency=usd", ["Desk"]),
        ("least=100&most=300", ["Train to Lyon"]),
        ("due=soon", ["Train to Lyon"]),
        ("workflow=document", []),
    ],
)
def test_search_and_filters_narrow_the_list(signed_in: SignIn, query: str, found: list[str]) -> None:
    due(5, title="Train to Lyon", requester="rita", amount=Decimal("240.50"))
    due(90, title="Desk", requester="sam", stage="finance", currency="USD", amount=Decimal(900))
    read_for_search()
    assert titles(signed_in("anna", "managers"), f"/queue/?{query}") == found


def test_a_filter_that_cannot_be_read_says_so_and_narrows_nothing(signed_in: SignIn) -> None:
    due(1, title="Here")
    answer = signed_in("anna", "managers").get("/queue/?least=cheap")
    assert [row.title for row in answer.context["page"].rows] == ["Here"]
    assert "Enter a number" in answer.text


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("least=abc", "least", "Enter a number."),
        ("least=300&most=100", "most", "Write an amount that is not below the other one."),
    ],
)
def test_a_search_that_fetches_only_the_list_says_at_the_field_what_is_wrong(
    signed_in: SignIn, query: str, field: str, said: str
) -> None:
    client, typing = signed_in("anna", "managers"), {"HX-Request": "true"}
    answer = client.get(f"/queue/?{query}", headers=typing).text
    assert said in answer.partition(f'<div id="filter_{field}_error" hx-swap-oob="true">')[2].partition("</div>")[0]
    mended = client.get("/queue/?least=100", headers=typing).text
    assert f'<div id="filter_{field}_error" hx-swap-oob="true">' in mended
    assert said not in mended


@pytest.mark.parametrize(
    "address", ["?tab=nonsense", "?after=nonsense", "?after=2026-01-01T00:00:00_7", "?tab=mine&x="]
)
def test_a_mangled_address_shows_the_queue_all_the_same(signed_in: SignIn, address: str) -> None:
    due(1, title="Here")
    assert titles(signed_in("anna", "managers"), f"/queue/{address}") == ["Here"]


def test_pages_follow_each_other_without_gap_or_repetition(signed_in: SignIn) -> None:
    for hour in range(1, 61):
        due(hour, title=f"No. {hour}")
    client = signed_in("anna", "managers")
    seen: list[str] = []
    address = "tab=mine"
    while address:
        answer = client.get(f"/queue/?{address}")
        seen += [row.title for row in answer.context["page"].rows]
        address = answer.context["next"]
    assert seen == [f"No. {hour}" for hour in range(1, 61)]


def test_htmx_gets_the_list_alone_and_nothing_while_nothing_changed(signed_in: SignIn) -> None:
    request = due(5)
    client = signed_in("anna", "managers")
    first = client.get("/queue/", headers={"HX-Request": "true"})
    assert "<html" not in first.text
    assert request.title in first.text
    seen = first.context["digest"]
    assert client.get(f"/queue/?seen={seen}", headers={"HX-Request": "true"}).status_code == 204
    vote("ben", request)
    again = client.get(f"/queue/?seen={seen}", headers={"HX-Request": "true"})
    assert again.status_code == 200
    assert request.title not in again.text


def test_a_search_by_htmx_lands_in_the_address_and_a_refresh_does_not(signed_in: SignIn) -> None:
    due(5, title="Desk")
    read_for_search()
    client = signed_in("anna", "managers")
    found = client.get("/queue/?tab=all&q=desk&stage=&least=", headers={"HX-Request": "true"})
    assert found["HX-Push-Url"] == "/queue/?tab=all&q=desk"
    assert "1 found" in found.text
    refreshed = client.get("/queue/?tab=all&q=desk&seen=old", headers={"HX-Request": "true"})
    assert refreshed.status_code == 200
    assert "HX-Push-Url" not in refreshed
    assert "found" not in refreshed.text


@pytest.mark.parametrize("tab", ["mine", "groups", "decided", "all"])
@pytest.mark.parametrize("group", ["managers", "admins"])
def test_the_page_costs_the_same_however_many_rows(signed_in: SignIn, tab: str, group: str) -> None:
    client = signed_in("anna", "managers", group)
    costs = []
    for many in (1, 50):
        for number in range(many):
            due(number + 1, requester=f"person{number}", status="approved" if tab == "decided" else "pending")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(f"/queue/?tab={tab}")
        costs.append(len(queries))
        assert len(answer.content) < MOST_BYTES
    assert costs[0] == costs[1]
    assert costs[1] <= MOST_QUERIES


def test_the_badge_counts_no_further_than_nine(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    assert "waiting for you" not in client.get("/queue/").text
    for _ in range(12):
        due(5)
    assert '9+<span class="visually-hidden"> waiting for you' in client.get("/queue/").text


def test_urgency_is_told_in_words(signed_in: SignIn) -> None:
    due(2)
    due(-2)
    page = signed_in("anna", "managers").get("/queue/?tab=groups").text
    assert "Due soon" in page
    assert "Overdue" in page


def test_an_empty_view_says_what_to_do(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    assert "Nothing waits for you" in client.get("/queue/").text
    assert "Clear search and filters" in client.get("/queue/?q=nothing").text


def test_amounts_follow_the_browsers_locale_and_times_the_persons_zone(signed_in: SignIn) -> None:
    due(5, amount=Decimal("1240.50"))
    client = signed_in("anna", "managers")
    client.get("/queue/")
    page = client.get("/queue/", headers={"Accept-Language": "de-DE,de;q=0.9"}).text
    assert "1.240,50\u00a0€" in page
    assert "€1,240.50" in client.get("/queue/", headers={"Accept-Language": "en-GB"}).text

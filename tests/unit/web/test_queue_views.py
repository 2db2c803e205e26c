"""Orders, kept views, counts, read marks, rows that leave, and working a pile from one request to the next."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, AuditEvent, ReadMark, SavedView, User
from approvals.web.snapshot import seal
from tests.factories import approval_request, person, policy, viewer
from tests.unit.web.conftest import SignIn

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def due(hours: float, title: str, **fields: object) -> ApprovalRequest:
    now = timezone.now()
    created = fields.pop("created_at", now - timedelta(hours=100 - hours))
    return approval_request(expires_at=now + timedelta(hours=hours), title=title, created_at=created, **fields)


def titles(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    return [row.title for row in answer.context["page"].rows]


def answer_it(username: str, request: ApprovalRequest, choice: str = "approved") -> None:
    decide(viewer(username, "managers"), request.approval_id, Ballot(choice, "Why.", 1, request.content_digest))


def send(client: Client, username: str, request: ApprovalRequest, pile: str) -> str:
    """Answer by the page's own form as part of a pile; where it leads."""
    form = {"choice": "approved", "comment": "", "shown": seal(viewer(username), request), "pile": pile}
    return str(client.post(f"/requests/{request.approval_id}/decide/", form)["Location"])


def three() -> list[ApprovalRequest]:
    return [
        due(1, "Sooner", amount=Decimal(5)),
        due(2, "Later", amount=Decimal(700)),
        due(3, "Last", amount=None, currency=""),
    ]


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ("", ["Sooner", "Later", "Last"]),
        ("amount", ["Later", "Sooner"]),
        ("oldest", ["Sooner", "Later", "Last"]),
        ("newest", ["Last", "Later", "Sooner"]),
        ("sideways", ["Sooner", "Later", "Last"]),
    ],
)
def test_the_list_can_be_ordered(signed_in: SignIn, sort: str, wanted: list[str]) -> None:
    three()
    due(4, "Settled", status="approved", settled_at=timezone.now())
    client = signed_in("anna", "managers")
    assert titles(client, f"/queue/?sort={sort}") == wanted
    assert titles(client, f"/queue/?tab=groups&sort={sort}") == wanted


def test_the_order_by_amount_says_what_is_not_in_it(signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    three()
    client = signed_in("anna", "managers")
    assert "amount-note" not in client.get("/queue/").text
    page = client.get("/queue/?sort=amount&workflow=expense").text
    assert "Sorted by amount: 1 request without an amount is not in this order." in page
    assert 'href="/queue/?tab=mine&amp;workflow=expense"' in page
    assert "whatever their currency" not in page
    due(4, "Dollars", amount=Decimal(6), currency="USD")
    assert "Amounts are compared by their number alone" in client.get("/queue/?sort=amount").text
    assert "amount-note" not in client.get("/queue/?sort=amount&currency=EUR").text
    with CaptureQueriesContext(connection) as asked:
        monkeypatch.setattr("approvals.web.queue_amounts.MOST_COUNTED", 2)
        page = client.get("/queue/?tab=all&sort=amount").text
    assert "Sorted by amount: requests without an amount are not in this order." in page
    assert 'href="/queue/?tab=all&amp;sort=deadline"' in page
    assert not any("COUNT(" in one["sql"] for one in asked if "approvalrequest" in one["sql"])


@pytest.mark.parametrize("sort", ["", "amount", "oldest", "newest"])
@pytest.mark.parametrize("tab", ["mine", "all"])
def test_pages_follow_each_other_in_every_order(signed_in: SignIn, sort: str, tab: str) -> None:
    for number in range(60):
        due(number + 1, f"No. {number}", amount=Decimal(number % 4))
    client = signed_in("anna", "managers")
    seen: list[str] = []
    address = f"tab={tab}&sort={sort}"
    while address:
        answer = client.get(f"/queue/?{address}")
        seen += [row.title for row in answer.context["page"].rows]
        address = answer.context["next"]
    assert sorted(seen) == sorted(f"No. {number}" for number in range(60))


@pytest.mark.parametrize("after", ["NaN_1", "Infinity_1", "1e999_1", "x_1", "5_", "5_99999999999999999999"])
def test_a_mangled_place_in_the_order_of_amounts_is_the_start(signed_in: SignIn, after: str) -> None:
    three()
    assert titles(signed_in("anna", "managers"), f"/queue/?sort=amount&after={after}") == ["Later", "Sooner"]


def test_a_view_is_kept_under_a_name_and_opens_again(signed_in: SignIn) -> None:
    three()
    client = signed_in("anna", "managers")
    form = {"name": "Big ones", "query": "tab=mine&least=100&nonsense=1&after=x"}
    assert client.post("/queue/views/", form)["Location"] == "/queue/?tab=mine&least=100"
    page = client.get("/queue/?tab=mine&least=100")
    assert page.context["current_view"].name == "Big ones"
    assert [row.title for row in page.context["page"].rows] == ["Later"]
    assert AuditEvent.objects.filter(action="view.saved", actor="anna").count() == 1
    again = client.post("/queue/views/", form, follow=True)
    assert "You have a view called Big ones already" in again.text
    assert SavedView.objects.count() == 1


def test_a_view_is_shared_with_a_group_and_deleted_by_its_owner_alone(signed_in: SignIn) -> None:
    anna, ben, farah = signed_in("anna", "managers"), signed_in("ben", "managers"), signed_in("farah", "finance")
    anna.post("/queue/views/", {"name": "Ours", "query": "tab=groups", "group": "managers"})
    view = SavedView.objects.get()
    assert ">Ours<" in ben.get("/queue/").text
    assert ">Ours<" not in farah.get("/queue/").text
    assert "no such view among your own" in ben.post(f"/queue/views/{view.pk}/delete/", follow=True).text
    assert "The view Ours is deleted" in anna.post(f"/queue/views/{view.pk}/delete/", follow=True).text
    assert not SavedView.objects.exists()


def test_nobody_shares_with_a_group_of_others_or_prefers_what_they_are_not_offered(signed_in: SignIn) -> None:
    person("ben", "finance")
    anna = signed_in("anna", "managers")
    page = anna.post("/queue/views/", {"name": "Theirs", "query": "tab=all", "group": "finance"}, follow=True)
    assert "a group that you are in" in page.text
    private = SavedView.objects.create(owner=User.objects.get(username="ben"), name="Mine", query="tab=all")
    for name in (str(private.pk), "9" * 30, "-1"):
        anna.post("/queue/views/preferred/", {"view": name})
        assert User.objects.get(username="anna").default_view is None


def test_the_queue_opens_with_the_preferred_view_until_it_is_gone(signed_in: SignIn) -> None:
    three()
    client = signed_in("anna", "managers")
    client.post("/queue/views/", {"name": "Big ones", "query": "tab=mine&least=100", "prefer": "yes"})
    assert titles(client, "/queue/") == ["Later"]
    assert titles(client, "/queue/?tab=mine") == ["Sooner", "Later", "Last"]
    client.post(f"/queue/views/{SavedView.objects.get().pk}/delete/")
    assert titles(client, "/queue/") == ["Sooner", "Later", "Last"]


def test_counts_stop_at_ninety_nine(signed_in: SignIn) -> None:
    for number in range(101):
        due(number + 1, f"No. {number}", amount=Decimal(number))
    client = signed_in("anna", "managers")
    client.post("/queue/views/", {"name": "Few", "query": "tab=mine&least=98"})
    told = client.get("/queue/counts/", headers=HTMX).context["counts"]
    assert told == {"mine": "99+", "groups": "99+", f"view-{SavedView.objects.get().pk}": "3"}


def test_a_request_is_unread_until_it_is_opened_and_again_when_it_changes(signed_in: SignIn) -> None:
    request = due(1, "Train")
    client = signed_in("anna", "managers")
    assert "Unread: " in client.get("/queue/").text
    client.get(f"/requests/{request.approval_id}/")
    client.get(f"/requests/{request.approval_id}/")
    assert ReadMark.objects.count() == 1
    assert "Unread: " not in client.get("/queue/").text
    assert "Unread: " in signed_in("ben", "managers").get("/queue/").text
    ApprovalRequest.objects.filter(pk=request.pk).update(content_digest="b" * 64)
    assert "Unread: " in client.get("/queue/").text


def test_a_row_that_somebody_decides_says_so_before_it_leaves(signed_in: SignIn) -> None:
    first, second, third = three()
    client = signed_in("anna", "managers")
    before = client.get("/queue/", headers=HTMX).context
    poll = f"/queue/?seen={before['digest']}&rows={before['shown']}"
    assert client.get(poll, headers=HTMX).status_code == 204
    person("ben", "managers", last_name="Ode")
    answer_it("ben", second)
    page = client.get(poll, headers=HTMX)
    assert [getattr(row, "said", row.title) for row in page.context["rows"]] == [
        "Sooner", "Approved by Ben Ode", "Last",
    ]  # fmt: skip
    assert page.context["said"] == "Later: Approved by Ben Ode."
    assert str(second.pk) not in page.context["shown"]
    ApprovalRequest.objects.filter(pk=first.pk).update(status="timeout")
    assert "Timed out" in client.get(poll, headers=HTMX).text
    assert third.title in client.get("/queue/", headers=HTMX).text


def test_a_list_of_what_is_settled_costs_no_more_however_many(signed_in: SignIn) -> None:
    client, costs = signed_in("anna", "managers"), []
    for many in (1, 4):
        for number in range(many):
            due(number, "Done", status="approved", settled_at=timezone.now(), decision={"decision": "approved"})
            due(number, "Late", status="timeout", settled_at=timezone.now())
        with CaptureQueriesContext(connection) as asked:
            assert "Timed out" in client.get("/queue/?tab=all").text
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 8


def test_a_row_of_somebody_elses_queue_never_shows(signed_in: SignIn) -> None:
    secret = due(1, "Secret", policy=policy("directors"), status="approved")
    client = signed_in("anna", "managers")
    assert "Secret" not in client.get(f"/queue/?seen=x&rows={secret.pk}", headers=HTMX).text
    for rows in ("x", "1,", "9" * 40, ",".join(["7"] * 500)):
        assert client.get(f"/queue/?seen=x&rows={rows}", headers=HTMX).status_code == 200


def test_a_pile_is_worked_from_one_to_the_next_and_ends_with_the_receipt(signed_in: SignIn) -> None:
    first, second, third = three()
    client = signed_in("anna", "managers")
    page = client.get(f"/requests/{second.approval_id}/?pile=tab%3Dmine")
    place = page.context["place"]
    assert (place.number, place.total, place.before, place.after) == (2, "3", first, third)
    assert "2 of 3" in page.text
    assert f'href="/queue/?tab=mine#r{second.pk}"' in page.text
    assert send(client, "anna", second, "tab=mine") == f"/requests/{third.approval_id}/?pile=tab%3Dmine"
    assert send(client, "anna", third, "tab=mine") == f"/requests/{first.approval_id}/?pile=tab%3Dmine"
    following = client.get(f"/requests/{first.approval_id}/?pile=tab%3Dmine")
    assert "Approved: Last." in following.text
    assert following.context["place"].total == "1"
    assert send(client, "anna", first, "tab=mine") == f"/requests/{first.approval_id}/?pile=tab%3Dmine"
    assert "Recorded" in client.get(f"/requests/{first.approval_id}/?pile=tab%3Dmine").text


def test_a_pile_keeps_the_order_and_filters_of_its_queue(signed_in: SignIn) -> None:
    first, second, _ = three()
    client = signed_in("anna", "managers")
    place = client.get(f"/requests/{second.approval_id}/?pile=sort%3Damount%26least%3D5").context["place"]
    assert (place.number, place.total, place.after) == (1, "2", first)


@pytest.mark.parametrize("pile", ["nonsense", "tab=decided", "%00", "after=x" * 2000, "sort=amount&after=NaN_1"])
def test_a_mangled_pile_is_no_error(signed_in: SignIn, pile: str) -> None:
    request = three()[2]
    client = signed_in("anna", "managers")
    assert client.get(f"/requests/{request.approval_id}/", {"pile": pile}).status_code == 200
    assert send(client, "anna", request, pile).startswith(("/requests/", "/queue/"))


def test_a_pile_shows_nothing_that_the_person_may_not_see(signed_in: SignIn) -> None:
    mine = due(1, "Mine")
    due(2, "Secret", policy=policy("directors"))
    page = signed_in("anna", "managers").get(f"/requests/{mine.approval_id}/?pile=tab%3Dall")
    assert page.context["place"].total == "1"
    assert "Secret" not in page.text


def test_single_keys_can_be_switched_off_for_good(signed_in: SignIn) -> None:
    client = signed_in("anna", "managers")
    assert 'data-shortcuts="on"' in client.get("/queue/").text
    assert client.post("/shortcuts/").status_code == 204
    assert 'data-shortcuts="off"' in client.get("/").text
    assert 'data-shortcuts="on"' in signed_in("ben", "managers").get("/queue/").text
    client.post("/shortcuts/", {"on": "yes"})
    assert 'data-shortcuts="on"' in client.get("/queue/").text
    assert AuditEvent.objects.filter(action="user.changed", actor="anna").count() == 2

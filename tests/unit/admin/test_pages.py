"""What the pages of the record show."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext
from pytest_django import DjangoAssertNumQueries

from approvals.actions.comment import comment
from approvals.actions.decide import Ballot, decide
from approvals.admin.untranslated import CHOOSING, PASSWORDS
from approvals.models import ApprovalRequest, Decision, Delivery, Run, Submission, Vote
from tests.factories import approval_request, person, read_for_search, run, submission, viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided() -> ApprovalRequest:
    """A request with a remark, a vote, a decision and its delivery."""
    request = approval_request(requester="rita", details={"trip": {"city": "Lyon"}}, run_name="expense-seen01")
    run(
        run_name="expense-seen01",
        progress=[
            {
                "seq": 1,
                "at": "2026-11-21T09:00:00Z",
                "step": "manager",
                "level": "info",
                "message": "Asked the managers",
            }
        ],
    )
    anna = viewer("anna", "managers")
    comment(anna, request, "Was the hotel near the supplier?")
    decide(anna, request.approval_id, Ballot("approved", "", request.version, request.content_digest))
    return request


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_request_leads_to_its_run_decision_delivery_and_lines_of_the_record(
    auditor: Client, decided: ApprovalRequest
) -> None:
    text = page(auditor, f"/admin/approvals/approvalrequest/{decided.pk}/change/")
    assert f"/admin/approvals/decision/{Decision.objects.get().pk}/change/" in text
    assert f"/admin/approvals/delivery/{Delivery.objects.get().pk}/change/" in text
    assert "run_name__exact=expense-seen01" in text
    assert "object_kind__exact=request" in text
    assert "Lyon" in text
    assert "Was the hotel near the supplier?" in text


@pytest.mark.parametrize("subject", ["decision", "vote", "delivery", "comment", "auditevent", "run"])
def test_every_thing_has_a_page(auditor: Client, decided: ApprovalRequest, subject: str) -> None:
    listed = page(auditor, f"/admin/approvals/{subject}/")
    rows = listed.split('id="result_list"')[1]
    link = rows.split(f'href="/admin/approvals/{subject}/')[1].split('"')[0]
    assert "Record · Countersign</title>" in page(auditor, f"/admin/approvals/{subject}/{link}")


def test_a_run_leads_to_its_requests_and_shows_its_course(auditor: Client, decided: ApprovalRequest) -> None:
    text = page(auditor, f"/admin/approvals/run/{Run.objects.get().pk}/change/")
    assert f"/admin/approvals/approvalrequest/{decided.pk}/change/" in text
    assert "Asked the managers" in text


def test_history_means_the_record(auditor: Client, decided: ApprovalRequest) -> None:
    text = auditor.get(f"/admin/approvals/approvalrequest/{decided.pk}/history/", follow=True).content.decode()
    assert "request.decided" in text
    assert "request.commented" in text


def test_marks_that_turn_text_around_are_written_out(auditor: Client) -> None:
    request = approval_request(title="Invoice \u202e00.01 RUE")
    text = page(auditor, f"/admin/approvals/approvalrequest/{request.pk}/change/")
    assert "Invoice [U+202E]00.01 RUE" in text


def test_hostile_text_stays_text(auditor: Client) -> None:
    request = approval_request(title="<script>alert(1)</script>", details={"note": "</pre><script>alert(2)</script>"})
    text = page(auditor, f"/admin/approvals/approvalrequest/{request.pk}/change/")
    assert "<script>alert" not in text


def test_drafts_stay_private(auditor: Client) -> None:
    submission(person("rita"), title="Not handed in yet")
    submission(person("rita"), title="Handed in", state=Submission.State.SUBMITTED)
    text = page(auditor, "/admin/approvals/submission/")
    assert "Handed in" in text
    assert "Not handed in yet" not in text


@pytest.mark.parametrize("search", ["expense-aaa", "expense-aaa1.manager", "rita"])
def test_search_finds_by_id_beginning_and_requester(auditor: Client, search: str) -> None:
    approval_request(run_name="expense-aaa1", title="Wanted")
    approval_request(run_name="expense-bbb2", title="Another", requester="ruth")
    text = page(auditor, f"/admin/approvals/approvalrequest/?q={search}")
    assert "Wanted" in text
    assert "Another" not in text


def test_a_search_that_is_too_wide_says_so(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("approvals.admin.search.MOST_HITS", 2)
    for number in range(3):
        approval_request(run_name=f"expense-wide{number}")
    assert "Type more of it" in page(auditor, "/admin/approvals/approvalrequest/?q=expense-wide")
    assert "Type more of it" not in page(auditor, "/admin/approvals/approvalrequest/?q=expense-wide1")


def test_a_search_for_a_name_that_is_also_the_beginning_of_an_id_finds_both(auditor: Client) -> None:
    approval_request(run_name="loan-rita", title="By its id")
    approval_request(requester="loan-rita", title="By its requester")
    approval_request(title="Neither")
    text = page(auditor, "/admin/approvals/approvalrequest/?q=loan-rita")
    assert "By its id" in text
    assert "By its requester" in text
    assert "Neither" not in text


def test_the_date_bar_leads_from_years_to_days(auditor: Client) -> None:
    approval_request(created_at=datetime(2025, 3, 30, 12, tzinfo=UTC), title="Old")
    approval_request(created_at=datetime(2026, 5, 2, 12, tzinfo=UTC), title="New")
    assert "created_at__year=2025" in page(auditor, "/admin/approvals/approvalrequest/")
    year = page(auditor, "/admin/approvals/approvalrequest/?created_at__year=2025")
    assert "created_at__month=3" in year
    assert "created_at__month=2&" not in year
    assert "Old" in year
    assert "New</" not in year.split("result_list")[1].split("</table>")[0]
    month = page(auditor, "/admin/approvals/approvalrequest/?created_at__year=2025&created_at__month=3")
    assert "created_at__day=30" in month
    assert "created_at__day=29" not in month


@pytest.mark.parametrize("year", ["9999", "0", "99999999999", "x"])
def test_a_year_that_is_none_is_refused_quietly(auditor: Client, year: str) -> None:
    approval_request()
    assert auditor.get(f"/admin/approvals/approvalrequest/?created_at__year={year}", follow=True).status_code == 200


def test_a_filter_that_the_database_cannot_hold_is_refused_quietly(auditor: Client) -> None:
    approval_request()
    address = "/admin/approvals/auditevent/?object_id__exact=%00"
    assert auditor.get(address, follow=True).status_code == 200


def test_an_order_that_no_index_serves_is_ignored(auditor: Client) -> None:
    for requester in ("zoe", "rita", "xavier"):
        approval_request(requester=requester, title=f"From {requester}")
    asked, usual = (page(auditor, f"/admin/approvals/approvalrequest/{order}") for order in ("?o=4", ""))
    assert re.findall(r"From \w+", asked) == re.findall(r"From \w+", usual)


def test_a_list_counts_no_further_than_it_shows(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("approvals.admin.lists.MOST_ROWS", 3)
    for _ in range(5):
        approval_request()
    assert "The first 3 requests" in page(auditor, "/admin/approvals/approvalrequest/")


@pytest.mark.parametrize("subject", ["approvalrequest", "decision", "vote", "delivery", "auditevent", "comment"])
def test_more_rows_cost_no_more_queries(
    auditor: Client, subject: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        request = approval_request()
        voter = viewer(f"voter{number}", "managers")
        comment(voter, request, "Seen.")
        decide(voter, request.approval_id, Ballot("approved", "", 1, request.content_digest))
    assert Vote.objects.count() == 8
    # The frame asks too: what waits for the person, and whether the worker is well.
    with django_assert_max_num_queries(11):
        auditor.get(f"/admin/approvals/{subject}/")


def test_the_first_page_names_what_is_stuck(auditor: Client, decided: ApprovalRequest) -> None:
    Delivery.objects.update(state=Delivery.State.STUCK, error_kind="forbidden")
    delivery = Delivery.objects.get()
    assert delivery.key in page(auditor, "/admin/")


def test_filters_of_the_record_offer_what_occurs(auditor: Client, decided: ApprovalRequest) -> None:
    text = page(auditor, "/admin/approvals/auditevent/?done=request.voted")
    assert "?done=request.decided" in text
    assert "request.commented</" not in text.split("result_list")[1].split("</table>")[0]


def test_words_find_requests_where_no_key_does(auditor: Client) -> None:
    approval_request(title="Train to Lyon", requester="rita")
    approval_request(title="Desk", requester="lyon")
    read_for_search()
    listed = "/admin/approvals/approvalrequest/?q="
    assert "Train to Lyon" in auditor.get(listed + "train").text
    assert "Train to Lyon" not in auditor.get(listed + "lyon").text
    assert "Desk" in auditor.get(listed + "lyon").text
    assert auditor.get(listed + "%22%00%27(").status_code in {200, 302}


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("text", [*CHOOSING, *PASSWORDS])
def test_what_django_leaves_in_english_is_read_in_ones_language(language: str, text: str) -> None:
    with translation.override(language):
        assert gettext(text) != text


def test_a_list_to_choose_from_begins_in_ones_language(as_admin: Client) -> None:
    form = as_admin.get("/admin/approvals/policyrule/add/", headers={"accept-language": "de"}).text
    assert "bitte wählen" in form
    assert "Select an option" not in form

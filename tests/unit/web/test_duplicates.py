"""A form that looks as if it had been submitted before is questioned once, and taken when the person says so."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from approvals.models import ApprovalRequest, AuditEvent, Run, Submission
from approvals.web.receiving import Desk
from tests.factories import approval_request, policy, run
from tests.unit.web.forms import EXPENSE, expense, line, pdf, png, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _private_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rita() -> Client:
    return signed_in("rita")


def sent(client: Client, form: dict[str, Any]) -> Submission:
    answer = client.post(EXPENSE, form)
    assert answer.status_code == 302, answer.text
    return Submission.objects.get(token=form["token"])


def questioned(client: Client, form: dict[str, Any]) -> str:
    answer = client.post(EXPENSE, form)
    assert answer.status_code == 422
    assert "Was this submitted before?" in answer.text
    assert not Submission.objects.filter(token=form["token"], state="submitted").exists()
    return answer.text


def mark_in(page: str) -> str:
    found = re.search(r'name="confirmed" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_same_line_again_is_questioned_and_taken_once_confirmed_which_is_on_the_record(rita: Client) -> None:
    first = sent(rita, expense(line(), line(1, amount="9.00")))
    again = expense(line(amount="120,5"), description="Another day")
    page = questioned(rita, again)
    assert "Line 1 is in" in page
    assert f"/submissions/{first.ref}/" in page
    assert 'value="120,5"' in page
    done = sent(rita, again | {"confirmed": mark_in(page)})
    event = AuditEvent.objects.get(action="submission.duplicate_confirmed")
    assert (event.actor, event.object_id, event.summary) == ("rita", done.ref, f"Line 1: {first.ref}")


def test_a_form_whose_twin_arrives_while_it_is_read_is_no_duplicate_of_itself(
    rita: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, twins = expense(line()), []
    receive = Desk.receive

    def receive_after_the_twin(desk: Desk) -> None:
        monkeypatch.setattr(Desk, "receive", receive)
        twins.append(signed_in("rita").post(EXPENSE, form))
        receive(desk)

    monkeypatch.setattr(Desk, "receive", receive_after_the_twin)
    done = sent(rita, form)
    assert [twin.url for twin in twins] == [f"/submissions/{done.ref}/"]
    assert not AuditEvent.objects.filter(action="submission.duplicate_confirmed").exists()


@pytest.mark.parametrize(
    "other", [{"amount": "120.51"}, {"date": "2026-11-03"}, {"category": "meals"}, {"currency": "USD"}]
)
def test_a_line_that_differs_in_amount_day_category_or_currency_is_another(rita: Client, other: dict[str, str]) -> None:
    sent(rita, expense())
    currency = other.pop("currency", "EUR")
    sent(rita, expense(line(**other), currency=currency))
    assert not AuditEvent.objects.filter(action="submission.duplicate_confirmed").exists()


def test_what_other_people_submit_is_no_business_of_the_line(rita: Client) -> None:
    sent(signed_in("tom"), expense())
    sent(rita, expense())


def test_drafts_and_what_was_withdrawn_or_turned_down_are_not_held_against_anybody(rita: Client) -> None:
    rita.post(EXPENSE, expense(action="save", files=[png()]))
    gone = sent(rita, expense(files=[png()]))
    rita.post(f"/submissions/{gone.ref}/withdraw/")
    denied = sent(rita, expense(files=[png()]))
    run(run_name=denied.run_name, status="denied")
    standing = sent(rita, expense(files=[png()]))
    run(run_name=standing.run_name, status="succeeded")
    assert standing.ref in questioned(rita, expense())
    assert denied.ref not in questioned(rita, expense())
    assert Run.objects.count() == 2


def test_the_same_receipt_is_found_by_its_content_whatever_its_name(rita: Client) -> None:
    first = sent(rita, expense(files=[png("taxi.png")]))
    form = expense(line(amount="7.00"), files=[png("other.png")])
    page = questioned(rita, form)
    assert "Receipt “other.png” is in" in page
    assert first.ref in page
    # The file came along with the first try and is part of the draft now.
    draft = Submission.objects.get(token=form["token"])
    file = draft.attachments.get()
    confirmed = expense(line(amount="7.00", receipt=str(file.pk)), token=form["token"], confirmed=mark_in(page))
    assert sent(rita, confirmed).attachments.count() == 1


def test_somebody_elses_receipt_is_told_without_telling_whose(rita: Client) -> None:
    theirs = sent(signed_in("tom"), expense(line(amount="7.00"), description="Secret dinner", files=[pdf()]))
    page = questioned(rita, expense(files=[pdf("mine.pdf")]))
    question = page[page.index("Was this submitted before?") : page.index("I have looked")]
    assert "Receipt “mine.pdf” was used already, in somebody else's submission." in question
    for told in (theirs.ref, "Secret dinner", "tom", "Tom", "hotel.pdf"):
        assert told not in question


def test_a_confirmation_holds_for_what_was_shown_only(rita: Client) -> None:
    sent(rita, expense())
    form = expense()
    mark = mark_in(questioned(rita, form))
    later = sent(rita, expense() | {"confirmed": mark})
    page = questioned(rita, form | {"confirmed": mark})
    assert later.ref in page
    sent(rita, form | {"confirmed": mark_in(page)})


def asked_of(submission: Submission, **fields: Any) -> ApprovalRequest:
    """The request of a submission's run, with the run, as the mirror shows them."""
    asker = submission.requester.username
    run(run_name=submission.run_name, requester=asker)
    return approval_request(run_name=submission.run_name, requester=asker, **fields)


def test_who_decides_sees_the_warning_and_which_one_it_is_where_they_may(rita: Client) -> None:
    first = sent(rita, expense(description="The first trip"))
    form = expense(description="The second trip")
    second = sent(rita, form | {"confirmed": mark_in(questioned(rita, form))})
    asked_of(first)
    request = asked_of(second)
    page = signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text
    assert "The requester was asked whether this was submitted before, and sent it all the same." in page
    assert f"/runs/{first.run_name}/" in page
    assert f"{first.ref} The first trip" in page
    asked_before = signed_in("anna").get(f"/requests/{ApprovalRequest.objects.earliest('id').approval_id}/").text
    assert "sent it all the same" not in asked_before


def test_the_other_one_is_not_named_to_those_who_may_not_see_it(rita: Client) -> None:
    theirs = sent(signed_in("tom"), expense(line(amount="7.00"), description="Secret dinner", files=[png()]))
    form = expense(files=[png("mine.png")])
    page = questioned(rita, form)
    file = Submission.objects.get(token=form["token"]).attachments.get()
    again = expense(line(receipt=str(file.pk)), token=form["token"], confirmed=mark_in(page))
    mine = sent(rita, again)
    asked_of(theirs, policy=policy("directors"))
    request = asked_of(mine)
    for name, groups in (("anna", ["managers"]), ("rita", [])):
        shown = signed_in(name, *groups).get(f"/requests/{request.approval_id}/").text
        assert "Receipt “mine.png” is like another submission, which you may not see" in " ".join(shown.split())
        for told in (theirs.ref, "Secret dinner"):
            assert told not in shown
    shown = signed_in("olga", "auditors").get(f"/requests/{request.approval_id}/").text
    assert f"/submissions/{theirs.ref}/" in shown

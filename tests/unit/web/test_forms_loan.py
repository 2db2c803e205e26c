"""The loan form: what it sends, what it refuses, and that nobody reads the digits afterwards."""

import pytest
from django.test import Client
from pytest_django import Settings

from approvals.actions.close import withdraw_unsent
from approvals.models import AuditEvent, Delivery, Submission, User
from approvals.policy import Viewer
from tests.unit.web.forms import has_word, signed_in
from tests.unit.web.more_forms import ARNS, loan, refused, send, taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita(settings: Settings) -> Client:
    settings.WORKFLOW_ARNS = ARNS
    return signed_in("rita")


def test_an_application_goes_with_exact_amounts_and_without_empty_fields(rita: Client) -> None:
    payload = taken(rita, "loan", loan(phone="+1 555 0100"))
    done = Submission.objects.get()
    assert payload == {
        "application_id": done.ref,
        "applicant_name": "Ada Obi",
        "ssn_last4": "1111",
        "annual_income": "85000.00",
        "loan_amount": "20000.50",
        "loan_purpose": "New kitchen",
        "phone": "+1 555 0100",
        "requester": "rita",
    }
    assert (done.title, str(done.amount), done.currency) == ("Loan for Ada Obi: New kitchen", "20000.5000", "USD")


def test_the_digits_go_to_the_workflow_and_nowhere_else(rita: Client) -> None:
    taken(rita, "loan", loan(ssn_last4="7913"))
    done = Submission.objects.get()
    assert "ssn_last4" not in done.form_data
    for address in (f"/submissions/{done.ref}/", "/submissions/", "/"):
        assert not has_word(rita.get(address).text, "7913")
    for event in AuditEvent.objects.all():
        assert "7913" not in f"{event.summary}{event.data}"
    assert "7913" in Delivery.objects.get().payload


def test_the_digits_are_forgotten_when_the_start_is_withdrawn(rita: Client) -> None:
    taken(rita, "loan", loan(ssn_last4="7913"))
    withdraw_unsent(Viewer.of(User.objects.get(username="rita")), Submission.objects.get())
    payload = Delivery.objects.get().payload
    assert "7913" not in payload
    assert "Ada Obi" in payload


def test_a_draft_does_not_keep_the_digits_and_asks_again(rita: Client) -> None:
    answer = send(rita, "loan", loan(ssn_last4="7913"), action="save")
    assert not has_word(rita.get(answer.url).text, "7913")
    assert "7913" not in str(Submission.objects.get().form_data)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ssn_last4": "111"}, "Write exactly four digits."),
        ({"ssn_last4": "11111"}, "Write exactly four digits."),
        ({"ssn_last4": "11a1"}, "Write exactly four digits."),
        ({"ssn_last4": "١٢٣٤"}, "Write exactly four digits."),
        ({"loan_amount": "0"}, "The amount must be more than zero."),
        ({"loan_amount": "100.005"}, "at most two decimals"),
        ({"annual_income": "1,200"}, "1,200 can be read in two ways"),
        ({"applicant_name": ""}, "Say who asks for the loan."),
    ],
)
def test_a_wrong_application_is_told_why(rita: Client, changes: dict[str, str], sentence: str) -> None:
    assert sentence in refused(rita, "loan", loan(**changes))


@pytest.mark.parametrize(
    ("key", "digits", "amount"), [("ada", "1111", ""), ("ben", "2222", ""), ("cleo", "3333", "25000")]
)
def test_the_demo_fills_in_its_applicants_at_one_click(
    rita: Client, settings: Settings, key: str, digits: str, amount: str
) -> None:
    settings.DEMO = True
    assert f'value="fill:{key}"' in rita.get("/submit/loan/").text
    page = send(rita, "loan", {}, action=f"fill:{key}").text
    assert f'value="{digits}"' in page
    assert f'value="{amount}' in page


def test_outside_the_demo_nothing_is_filled_in(rita: Client) -> None:
    assert "fill:" not in rita.get("/submit/loan/").text
    send(rita, "loan", {}, action="fill:ada")
    assert not Submission.objects.filter(form_data__applicant_name="Ada Obi").exists()

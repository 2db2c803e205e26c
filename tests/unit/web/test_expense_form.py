"""Submitting an expense: what reaches the workflow, and what a wrong form is told."""

import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from approvals.models import AuditEvent, Delivery, Submission
from approvals.models.currencies import digits_of
from approvals.web.forms import currencies
from approvals.web.forms.expense_fields import CATEGORIES, LONGEST_DESCRIPTION, LONGEST_LINE, MOST_LINES, MOST_RECEIPTS
from tests.factories import person, submission
from tests.unit.web.forms import EXPENSE, expense, line, pdf, png, signed_in
from workflows import currencies as workflow_currencies
from workflows import expense_input

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _private_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rita() -> Client:
    return signed_in("rita")


def refused(client: Client, form: dict[str, Any]) -> str:
    """Send a form that must not be taken; return the page."""
    answer = client.post(EXPENSE, form)
    assert answer.status_code == 422
    assert not Delivery.objects.exists()
    return answer.content.decode()


def test_an_expense_leaves_the_workflows_input_and_shows_its_page(rita: Client) -> None:
    answer = rita.post(EXPENSE, expense(line(), line(1, category="meals", description="Lunch", amount="18")))
    done = Submission.objects.get()
    assert answer.url == f"/submissions/{done.ref}/"  # type: ignore[attr-defined]
    assert (done.title, str(done.amount), done.currency) == ("Visit to the supplier", "138.5000", "EUR")
    payload = json.loads(Delivery.objects.get().payload)
    assert payload == {
        "expense_id": done.ref,
        "submitted_by": "rita",
        "description": "Visit to the supplier",
        "currency": "EUR",
        "lines": [
            {"date": "2026-11-02", "category": "travel", "description": "Train", "amount": "120.50", "receipts": []},
            {"date": "2026-11-02", "category": "meals", "description": "Lunch", "amount": "18.00", "receipts": []},
        ],
    }


def test_the_workflow_takes_what_the_form_sends(rita: Client) -> None:
    person("max", "managers")
    rita.post(EXPENSE, expense(line(amount="1240,5"), manager="max", files=[png(), pdf()]))
    taken = expense_input.Expense.model_validate_json(Delivery.objects.get().payload)
    assert str(taken.total) == "1240.50"
    assert [receipt["name"] for receipt in taken.receipts] == ["taxi.png", "hotel.pdf"]
    assert taken.manager == "max"


def test_form_and_workflow_have_the_same_limits() -> None:
    assert digits_of().items() <= workflow_currencies.MINOR_DIGITS.items()
    assert [key for key, _ in CATEGORIES] == list(expense_input.Category)
    assert (MOST_LINES, MOST_RECEIPTS) == (expense_input.LINES, expense_input.RECEIPTS)
    assert set(currencies.COMMON) <= digits_of().keys()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "0"}, "must be more than zero"),
        ({"amount": "-5"}, "must be more than zero"),
        ({"amount": "0.00"}, "must be more than zero"),
        ({"amount": "ten"}, "Write a number"),
        ({"amount": "1e5"}, "Write a number"),
        ({"amount": "NaN"}, "Write a number"),
        ({"amount": "١٢"}, "Write a number"),
        ({"amount": "1,240"}, "1,240 can be read in two ways. Write 1240 if you mean thousands, or 1.240"),
        ({"amount": "1.240"}, "This currency has at most 2 decimals. Write 1240 if you mean thousands."),
        ({"amount": "12.3456"}, "This currency has at most 2 decimals.<"),
        ({"amount": "1,24,50"}, "Write a number, such as 120.50."),
        ({"amount": "1 2 3"}, "Write a number, such as 120.50."),
        ({"amount": "1.234.56"}, "Write a number, such as 120.50."),
        ({"amount": "1234567890123"}, "at most 12 digits"),
        ({"amount": ""}, "Write the amount."),
        ({"date": "2027-06-01"}, "more than 31 days ahead"),
        ({"date": "1999-12-31"}, "too long ago"),
        ({"date": "02/11/2026"}, "year-month-day"),
        ({"category": "bribes"}, "one of the categories"),
        ({"description": " \u200b "}, "Say what it was."),
        ({"description": "x" * (LONGEST_LINE + 1)}, "it has 501 characters, and 500 are the most"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_told_beside_its_field_and_above(
    rita: Client, changes: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = refused(rita, expense(line(**changes)))
    field = next(iter(changes))
    assert page.count(sentence) == 2
    assert f'href="#id_lines-0-{field}"' in page
    assert f'id="id_lines-0-{field}_error"' in page


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("12,5", "12.50"),
        ("1 240.50", "1240.50"),
        ("1'240", "1240.00"),
        ("1\u2019234\u2019567,5", "1234567.50"),
        ("1\u202f234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234,567", "1234567.00"),
        ("1.234.567,89", "1234567.89"),
        ("1,23,456.50", "123456.50"),
        ("007", "7.00"),
        (".5", "0.50"),
    ],
)
def test_an_amount_is_read_as_people_write_it(rita: Client, typed: str, sent: str) -> None:
    rita.post(EXPENSE, expense(line(amount=typed)))
    assert json.loads(Delivery.objects.get().payload)["lines"][0]["amount"] == sent


def test_a_currency_has_its_own_decimals(rita: Client) -> None:
    assert "This currency has no decimals" in refused(rita, expense(line(amount="12.50"), currency="JPY"))
    rita.post(EXPENSE, expense(line(amount="12.505"), currency="KWD"))
    assert json.loads(Delivery.objects.get().payload)["lines"][0]["amount"] == "12.505"


def test_a_button_that_the_form_does_not_have_does_nothing_and_is_on_the_record(rita: Client) -> None:
    answer = rita.post(EXPENSE, expense(action="approve", files=[png()]))
    assert answer.status_code == 400
    assert not Submission.objects.exists()
    assert AuditEvent.objects.get(action="submission.form_tampered").actor == "rita"


def test_the_same_form_again_leads_to_its_submission_without_a_word(rita: Client) -> None:
    form = expense()
    assert "was submitted before" not in rita.post(EXPENSE, form, follow=True).content.decode()
    assert "was submitted before" not in rita.post(EXPENSE, form, follow=True).content.decode()
    assert Submission.objects.count() == 1


def test_the_same_receipts_again_are_no_change(rita: Client) -> None:
    form = expense()
    for _ in range(2):
        page = rita.post(EXPENSE, form | {"lines-0-files": [png()]}, follow=True).content.decode()
    assert "was submitted before" not in page


@pytest.mark.parametrize("action", ["submit", "save"])
def test_a_submitted_form_with_other_content_says_that_the_change_was_not_sent(rita: Client, action: str) -> None:
    form = expense()
    rita.post(EXPENSE, form)
    page = rita.post(EXPENSE, form | line(amount="999.00") | {"action": action}, follow=True).content.decode()
    assert f"{Submission.objects.get().ref} was submitted before" in page
    assert "What you changed after that was not sent. To file another one, choose New request." in page
    assert Submission.objects.get().amount == Decimal("120.50")


@pytest.mark.parametrize("code", ["XXX", "DEM", "eur", "BGN"])
def test_an_unknown_currency_is_refused(rita: Client, code: str) -> None:
    assert f"{code} is not a currency that circulates" in refused(rita, expense(currency=code))


def test_a_description_is_needed_and_bounded(rita: Client) -> None:
    assert "#id_description" in refused(rita, expense(description=" "))
    page = refused(rita, expense(description="x" * (LONGEST_DESCRIPTION + 1)))
    assert "This is too long: it has 2001 characters, and 2000 are the most." in page


def test_deceptive_marks_do_not_reach_the_workflow(rita: Client) -> None:
    rita.post(EXPENSE, expense(line(description="Taxi\u202e\x00 home"), description="Trip\u2066 to Lyon"))
    payload = json.loads(Delivery.objects.get().payload)
    assert (payload["description"], payload["lines"][0]["description"]) == ("Trip to Lyon", "Taxi home")


@pytest.mark.parametrize("who", ["rita", "nobody", "paul", "max\0"])
def test_only_another_manager_can_be_named(rita: Client, who: str) -> None:
    person("rita", "managers")
    person("paul")
    assert "#id_manager" in refused(rita, expense(manager=who))


def test_an_expense_needs_a_line(rita: Client) -> None:
    assert "lines-0-amount" in refused(rita, expense(line=[]))


def test_too_many_lines_are_refused_in_words(rita: Client) -> None:
    lines = [line(number) for number in range(MOST_LINES + 1)]
    assert "at most 100 lines" in refused(rita, expense(*lines))


def test_an_expense_longer_than_the_workflow_takes_is_refused_here(rita: Client) -> None:
    lines = [line(number, description="é" * LONGEST_LINE) for number in range(60)]
    assert "too long for one expense" in refused(rita, expense(*lines))


def test_what_was_typed_stays_after_an_error(rita: Client) -> None:
    page = refused(rita, expense(line(amount="-5", description="Taxi <home>"), description="Two days"))
    assert "Two days</textarea>" in page
    assert 'value="Taxi &lt;home&gt;"' in page
    assert 'value="-5"' in page


def test_lines_come_and_go_without_a_script(rita: Client) -> None:
    page = rita.post(EXPENSE, expense(action="add-line")).content.decode()
    assert page.count('name="line"') == 3  # two lines, and the empty one that the script copies
    two = expense(line(), line(1, description="Hotel"), action="remove-line:0")
    page = rita.post(EXPENSE, two).content.decode()
    assert 'value="Hotel"' in page
    assert 'value="Train"' not in page
    assert not Submission.objects.exists()


def test_a_double_submit_is_one_submission(rita: Client) -> None:
    form = expense()
    first, second = rita.post(EXPENSE, form), rita.post(EXPENSE, form)
    assert first.url == second.url  # type: ignore[attr-defined]
    assert (Submission.objects.count(), Delivery.objects.count()) == (1, 1)


def test_a_second_submit_from_an_old_tab_changes_nothing(rita: Client) -> None:
    form = expense()
    rita.post(EXPENSE, form)
    rita.post(EXPENSE, form | line(amount="999"))
    assert json.loads(Delivery.objects.get().payload)["lines"][0]["amount"] == "120.50"


@pytest.mark.parametrize("token", ["", "not-a-token", "0"])
def test_a_form_without_its_mark_is_tampering(rita: Client, token: str) -> None:
    answer = rita.post(EXPENSE, expense(token=token))
    assert answer.status_code == 400
    assert AuditEvent.objects.get(action="submission.form_tampered").actor == "rita"
    assert not Submission.objects.exists()


def test_somebody_elses_mark_is_tampering(rita: Client) -> None:
    theirs = submission(person("paul"))
    answer = rita.post(EXPENSE, expense(token=str(theirs.token)))
    assert answer.status_code == 400
    assert AuditEvent.objects.filter(action="submission.form_tampered", actor="rita").exists()
    theirs.refresh_from_db()
    assert theirs.state == "draft"


def test_hidden_fields_cannot_change_who_asks(rita: Client) -> None:
    rita.post(EXPENSE, expense(submitted_by="paul", requester="paul", expense_id="EXP-1", timeout_seconds="1"))
    payload = json.loads(Delivery.objects.get().payload)
    assert payload["submitted_by"] == "rita"
    assert payload["expense_id"] == Submission.objects.get().ref
    assert "timeout_seconds" not in payload


def test_a_workflow_that_the_portal_cannot_start_has_no_form(rita: Client) -> None:
    assert rita.get("/submit/loan/").status_code == 404
    assert rita.get("/submit/nonsense/").status_code == 404


def test_with_one_workflow_the_choice_is_made(rita: Client) -> None:
    assert rita.get("/submit/").url == EXPENSE  # type: ignore[attr-defined]


def test_each_form_has_a_mark_of_its_own(rita: Client) -> None:
    tokens = {str(rita.get(EXPENSE).context["token"]) for _ in range(3)}
    assert len(tokens) == 3
    assert all(uuid.UUID(token) for token in tokens)

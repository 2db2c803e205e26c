"""Forms, submissions, runs and the record in another language, and what stays in English: whatever is stored."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.utils import label_for_field
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import trans_real
from pytest_django import Settings

from approvals.actions.draft import save_draft
from approvals.actions.submit import submit
from approvals.admin.policies import PolicyAdmin
from approvals.admin.policy_form import PolicyForm
from approvals.admin.site import site
from approvals.admin.words import action_words
from approvals.delivery.record import _call_for_help
from approvals.models import AuditEvent, Delivery, Pulse
from approvals.web.formats import in_sentence
from approvals.web.forms import offered, sheet_of
from approvals.web.forms.currencies import choices
from approvals.web.forms.expense_fields import too_fine
from approvals.web.labels import label
from approvals.web.submissions import content_of
from approvals.web.timeline_words import length_of, short_length
from approvals.web.whereabouts import whereabouts
from tests.factories import person, submission, viewer
from tests.german import Bracketed
from tests.unit.web.forms import expense

pytestmark = pytest.mark.django_db
ALL = ("document", "expense", "loan", "moderation", "travel")


@pytest.fixture(autouse=True)
def _german(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(trans_real._translations, "de", Bracketed("de", ("[", "]")))
    with translation.override("de"):
        yield


@pytest.fixture(autouse=True)
def _every_workflow(settings: Settings) -> None:
    settings.WORKFLOW_ARNS = dict.fromkeys(ALL, "arn:aws:lambda:us-east-1:000000000000:function:any:live")


def post(**fields: Any) -> QueryDict:
    found = QueryDict(mutable=True)
    for name, value in fields.items():
        found.setlist(name, value if isinstance(value, list) else [value])
    return found


FILLED: dict[str, dict[str, Any]] = {
    "document": {"document_name": "Supply contract", "document_id": "C-17", "days": "2"},
    "loan": {
        "applicant_name": "Ada Obi", "ssn_last4": "1111", "annual_income": "85000", "loan_amount": "20000",
        "loan_purpose": "New kitchen",
    },
    "moderation": {
        "content_type": "comment", "content_id": "c-17", "author": "ann", "excerpt": "Rude", "flags": "Insult",
    },
    "travel": {
        "passengerName": "Ada Obi", "departure": "Oslo", "destination": "Lyon", "hotelName": "Le Nord",
        "checkIn": "2099-01-02", "checkOut": "2099-01-03", "carType": "Small", "pickupDate": "2099-01-02",
        "dropoffDate": "2099-01-03", "flightPrice": "99",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("workflow", "title"),
    [
        ("document", "Supply contract"),
        ("loan", "Loan for Ada Obi: New kitchen"),
        ("moderation", "Comment c-17 by ann"),
        ("travel", "Ada Obi: Oslo to Lyon"),
    ],
)
def test_what_the_workflow_is_given_holds_no_word_of_the_readers_language(workflow: str, title: str) -> None:
    kind = sheet_of(workflow)
    assert kind is not None
    sheet = kind.posted(viewer("rita"), post(**FILLED[workflow]))
    assert sheet.check(), sheet.problems
    filled = sheet.filled()
    assert filled.title == title
    assert "[" not in str({**filled.payload, "flags": ""})


def test_a_submission_and_its_lines_of_the_record_stay_in_english() -> None:
    rita = viewer("rita")
    kind = sheet_of("expense")
    assert kind is not None
    sheet = kind.posted(rita, post(**expense()))
    assert sheet.check(), sheet.problems
    token = submission(rita.user, workflow="expense", form_data={}).token
    done = submit(rita, sheet.filled(), token=token, form_data=sheet.typed)
    assert done.form_data["lines"][0]["category"] == "travel"
    stored = [done.title, Delivery.objects.get().payload, *AuditEvent.objects.values_list("summary", flat=True)]
    assert not [text for text in stored if "[" in text.replace('"lines":[', "").replace('"receipts":[', "")]


def test_the_same_submission_reads_in_the_readers_language() -> None:
    rita = viewer("rita")
    typed = {"lines": [{"category": "travel", "amount": "12", "description": "Train"}]}
    done = submission(rita.user, state="submitted", submitted_at=timezone.now(), currency="EUR", form_data=typed)
    place = whereabouts([done])[0]
    assert place.sentence == "[Started; the workflow has not reported yet]"
    assert [step.label for step in place.steps][-1] == "[Reimbursed]"
    assert "[Travel]" in str(content_of(done))


@pytest.mark.parametrize("workflow", ALL)
def test_a_form_is_shown_without_an_untranslated_text(workflow: str) -> None:
    kind = sheet_of(workflow)
    assert kind is not None
    sheet = kind(viewer("rita"), {})
    for text in (kind.label, kind.heading, kind.description, kind.finish, *kind.stages.values()):
        assert text.startswith("["), text
    for field in sheet.form:
        assert str(field.label).startswith("["), field.name
        assert not field.help_text or str(field.help_text).startswith("["), field.name
    assert not sheet.check()
    assert all(problem.message.startswith("[") for problem in sheet.problems)


def test_forms_are_offered_by_their_names_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"Expense": "Zeche", "Trip": "Ausflug"}

    class German(Bracketed):
        def gettext(self, message: str) -> str:
            return names.get(message, message)

    assert next(kind.workflow for kind in offered()) == "document"
    with monkeypatch.context() as patched:
        patched.setitem(trans_real._translations, "fr", German("fr"))
        with translation.override("fr"):
            assert [kind.workflow for kind in offered()] == ["travel", "document", "moderation", "loan", "expense"]


def test_faults_of_amounts_are_whole_sentences() -> None:
    assert too_fine(Decimal("1.234"), 2) == (
        "[This currency has at most 2 decimals.] [Write 1234 if you mean thousands.]"
    )
    with translation.override("en"):
        assert too_fine(Decimal("1.5"), 0) == "This currency has no decimals."


def test_currencies_are_named_in_the_readers_language() -> None:
    assert ("USD", "USD · US-Dollar") in choices()[0][1]
    with translation.override("en"):
        assert ("USD", "USD · US Dollar") in choices()[0][1]


def test_a_key_that_nobody_knows_reads_as_it_comes() -> None:
    assert label("credit_check") == "[Credit check]"
    assert label("undo-car failed") == "[[Undo car] failed]"
    assert label("warehouse_check") == "Warehouse check"
    # German nouns keep their capital inside a sentence.
    assert in_sentence("Manager") == "Manager"
    with translation.override("en"):
        assert in_sentence("Manager") == "manager"


def test_lengths_of_time_have_the_units_and_the_decimal_mark_of_the_language() -> None:
    assert length_of(timedelta(seconds=1.44)) == "[1,4 s]"
    assert length_of(timedelta(hours=2, minutes=10)) == "[2 h] [10 min]"
    assert short_length(timedelta(seconds=0.2)) == "[0 s]"
    with translation.override("en"):
        assert length_of(timedelta(seconds=0.01)) == "under 0.1 s"
        assert length_of(timedelta(seconds=7.96)) == "8.0 s"


def test_what_does_not_work_is_said_in_whole_sentences() -> None:
    now = timezone.now()
    for name in ("aws", "mirror", "mail"):
        Pulse.objects.create(name=name, at=now, failing_since=now, detail={"seen": now.isoformat()})
    told = Pulse.objects.all().trouble()
    assert len(told) == 3
    assert all(one.startswith("[") and one.endswith("]") for one in told)


def test_the_call_for_an_admin_is_stored_in_english() -> None:
    stuck = Delivery(pk=1, key="start:x", kind=Delivery.Kind.START, state="stuck", finished_at=timezone.now())
    assert _call_for_help(stuck).data["what"] == "Start of a run"


def test_the_record_names_its_columns_subjects_and_actions_in_the_readers_language() -> None:
    for model, page in site._registry.items():
        if model.__module__.startswith("approvals.") and model._meta.model_name != "user":
            assert str(model._meta.verbose_name_plural).startswith("["), model
        own = {"username", "first_name", "last_name", "email", "is_active", "last_login", "__str__", "name"}
        for column in set(page.list_display) - own:
            assert str(label_for_field(column, model, page)).startswith("["), (model, column)
    assert action_words("request.vote_refused") == "[Answer refused]"
    assert action_words("warehouse.moved") == "Warehouse moved"
    assert [str(name) for name, _options in PolicyAdmin.fieldsets[1:3]] == ["[Step 1]", "[Step 2]"]


def test_a_step_that_nobody_named_is_stored_in_english() -> None:
    person("anna")
    typed = {"name": "Big sums", "step1_users": "anna", "at_deadline": "remind", "reminds": "usual"}
    form = PolicyForm(typed | {f"step{number}_needed": "any" for number in (1, 2, 3, 4)})
    form.full_clean()
    assert form.terms(form.cleaned_data).steps[0].title == "Step 1"


def test_a_draft_of_another_kind_is_refused_on_the_record_in_english() -> None:
    rita = viewer("rita")
    draft = submission(rita.user, workflow="loan")
    with pytest.raises(Exception, match="is a draft of another kind of form"):
        save_draft(rita, workflow="expense", token=draft.token, title="", form_data={})

"""Which forms a portal offers, and what they all have in common."""

import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from approvals.models import Delivery, Submission
from tests.unit.web.forms import signed_in
from tests.unit.web.more_forms import ARNS, document, flagged, loan, send, trip

pytestmark = pytest.mark.django_db

FORMS = {"document": document, "moderation": flagged, "loan": loan, "travel": trip}
PREFIXES = {"document": "DOC-", "moderation": "MOD-", "loan": "LOAN-", "travel": "TRIP-"}


@pytest.fixture
def rita(settings: Settings) -> Client:
    settings.WORKFLOW_ARNS = ARNS
    return signed_in("rita")


def test_only_workflows_that_the_stack_has_are_offered(rita: Client, settings: Settings) -> None:
    settings.WORKFLOW_ARNS = {name: ARNS[name] for name in ("document", "expense")}
    page = rita.get("/submit/").text
    assert "/submit/document/" in page
    assert "/submit/loan/" not in page
    assert rita.get("/submit/loan/").status_code == 404
    assert send(rita, "loan", loan()).status_code == 404


@pytest.mark.parametrize("workflow", FORMS)
def test_an_empty_form_says_for_each_field_what_is_missing_in_its_own_words(rita: Client, workflow: str) -> None:
    assert rita.get(f"/submit/{workflow}/").status_code == 200
    answer = send(rita, workflow, {})
    assert answer.status_code == 422
    assert "This field is required" not in answer.text
    assert not Submission.objects.exists()


@pytest.mark.parametrize("workflow", FORMS)
def test_the_same_form_sent_twice_is_one_submission_with_a_page(rita: Client, workflow: str) -> None:
    form: dict[str, Any] = FORMS[workflow]() | {"token": str(uuid.uuid4())}
    first, second = send(rita, workflow, form), send(rita, workflow, form)
    done = Submission.objects.get()
    assert first.url == second.url == f"/submissions/{done.ref}/"
    assert Delivery.objects.count() == 1
    assert done.ref.startswith(PREFIXES[workflow])
    assert rita.get(first.url).status_code == 200
    assert done.title in rita.get("/submissions/").text


@pytest.mark.parametrize("workflow", FORMS)
def test_a_draft_comes_back_as_it_was_typed(rita: Client, workflow: str) -> None:
    form = FORMS[workflow]()
    answer = send(rita, workflow, form, action="save")
    page = rita.get(answer.url).text
    kept = {name: value for name, value in form.items() if name != "ssn_last4"}
    assert Submission.objects.get().form_data.items() >= kept.items()
    assert next(iter(kept.values())) in page
    assert not Delivery.objects.exists()

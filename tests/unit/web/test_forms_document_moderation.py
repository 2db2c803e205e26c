"""What the forms for documents and flagged content send, and what they refuse."""

import pytest
from django.test import Client
from pytest_django import Settings

from approvals.models import Submission
from tests.unit.web.forms import signed_in
from tests.unit.web.more_forms import ARNS, document, flagged, refused, taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita(settings: Settings) -> Client:
    settings.WORKFLOW_ARNS = ARNS
    return signed_in("rita")


def test_a_document_goes_by_name_number_and_days(rita: Client) -> None:
    assert taken(rita, "document", document()) == {
        "document_id": "C-2026-17",
        "document_name": "Supply contract",
        "requester": "rita",
        "timeout_seconds": 172_800,
    }


def test_a_document_without_a_number_goes_by_its_reference(rita: Client) -> None:
    payload = taken(rita, "document", document(document_id="", days=""))
    assert payload == {
        "document_id": Submission.objects.get().ref,
        "document_name": "Supply contract",
        "requester": "rita",
    }


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"document_name": " "}, "Say which document it is."),
        ({"document_id": "C 17/2"}, "Use letters, digits, - and _ only"),
        ({"days": "0"}, "Give at least one day."),
        ({"days": "8"}, "Give at most 7 days."),
        ({"days": "soon"}, "Write a whole number of days."),
    ],
)
def test_a_wrong_document_is_told_why(rita: Client, changes: dict[str, str], sentence: str) -> None:
    assert sentence in refused(rita, "document", document(**changes))


def test_flagged_content_goes_with_its_own_key_and_who_flagged_it(rita: Client) -> None:
    assert taken(rita, "moderation", flagged(flags="Spam\n\n spam  bot ;Spam")) == {
        "content_id": "c-17",
        "content_type": "comment",
        "excerpt": "Buy now!",
        "author": "ann",
        "flags": ["Spam", "spam bot"],
        "requester": "rita",
    }
    assert Submission.objects.get().title == "Comment c-17 by ann"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"content_type": "rumour"}, "Choose one of the kinds of the list."),
        ({"content_id": "c 17"}, "Use letters, digits, - and _ only"),
        ({"flags": " ; \n"}, "Give at least one reason."),
        ({"flags": "\n".join(str(number) for number in range(21))}, "Give at most 20 reasons."),
        ({"flags": "x" * 81}, "Keep each reason under 80 characters."),
        ({"excerpt": "x" * 4001}, "4000 are the most"),
    ],
)
def test_wrong_content_is_told_why(rita: Client, changes: dict[str, str], sentence: str) -> None:
    assert sentence in refused(rita, "moderation", flagged(**changes))

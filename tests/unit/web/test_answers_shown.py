"""What a structured answer says stands in the receipt, the history, the outcome and the record."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, Decision, Vote
from tests.factories import approval_request, policy, viewer
from tests.unit.web.conftest import SignIn
from tests.unit.web.test_structured_answers import SCHEMA, revision

pytestmark = pytest.mark.django_db
ANSWER = {"document_name": "Handbook 2", "changes": "Chapter four\nis rewritten."}
SECRET = {"type": "object", "properties": {"pin": {"title": "Door code", "writeOnly": True}, "door": {}}}


def answered() -> ApprovalRequest:
    """A revision that its requester answered here."""
    request = revision()
    decide(viewer("rita"), request.approval_id, Ballot("revised", "", 1, request.content_digest, ANSWER))
    return request


def answered_elsewhere(schema: Any = SCHEMA, response: Any = None, **decision: Any) -> ApprovalRequest:
    """A request that somebody answered without the portal."""
    said = {"decision": "revised", "decided_by": "dora", "comments": "", "response": response or ANSWER, **decision}
    return approval_request(
        status="approved", decision=said, settled_at=timezone.now(), response_schema=schema, options=["revised"],
        events=[{"seq": 2, "at": "2026-11-20T10:00:00Z", "actor": "workflow", "action": "settled", "note": "approved"}],
    )  # fmt: skip


def test_the_receipt_and_the_history_say_what_was_answered(signed_in: SignIn) -> None:
    page = signed_in("rita").get(f"/requests/{answered().approval_id}/").text
    receipt, history = page.split('id="receipt"')[1], page.split('id="history"')[1]
    for part in (receipt, history.split("</section>")[0]):
        assert "Document Name" in part
        assert "Handbook 2" in part
        assert "is rewritten." in part


def test_an_answer_from_elsewhere_is_in_the_outcome_and_the_history(signed_in: SignIn) -> None:
    page = signed_in("anna", "managers").get(f"/requests/{answered_elsewhere().approval_id}/").text
    assert "Handbook 2" in page.split('id="outcome-title"')[1]
    assert "Handbook 2" in page.split('id="history"')[1].split("</section>")[0]


def test_a_secret_of_the_schema_is_shown_nowhere(signed_in: SignIn) -> None:
    request = answered_elsewhere(SECRET, {"pin": "4711-secret", "door": "North"})
    office = signed_in("ivo", "auditors")
    pages = [f"/requests/{request.approval_id}/", f"/admin/approvals/approvalrequest/{request.pk}/change/"]
    for address in pages:
        page = office.get(address).text
        assert "North" in page
        assert "(not shown)" in page
        assert "4711-secret" not in page
    out = StringIO()
    call_command("approvals", "show", request.approval_id, "--as", "ivo", "--json", stdout=out)
    assert json.loads(out.getvalue())["decision"]["response"] == {"pin": "(not shown)", "door": "North"}


@pytest.mark.parametrize("model", [Decision, Vote])
def test_the_record_shows_the_answer_by_its_titles(signed_in: SignIn, model: type[Decision | Vote]) -> None:
    answered()
    one = model._default_manager.get()
    page = signed_in("ivo", "auditors").get(f"/admin/approvals/{model._meta.model_name}/{one.pk}/change/").text
    assert "Document Name" in page
    assert "Handbook 2" in page


def test_an_operators_answer_shows_its_word_and_its_reason(signed_in: SignIn) -> None:
    options = ["retry", "done_by_hand", "waive"]
    request = approval_request(kind="question", options=options, policy=policy("operators"))
    decide(
        viewer("olga", "operators"), request.approval_id,
        Ballot("waive", "The hotel has no record of it.", 1, request.content_digest),
    )  # fmt: skip
    page = signed_in("olga", "operators").get(f"/requests/{request.approval_id}/").text
    assert "Waived" in page
    assert page.count("The hotel has no record of it.") == 2  # receipt and history


def test_a_hostile_answer_is_only_text(signed_in: SignIn) -> None:
    evil = "<script>alert(1)</script>"
    request = answered_elsewhere({"properties": {"a": {"title": evil}}}, {"a": evil, evil: "x"})
    assert evil not in signed_in("anna", "managers").get(f"/requests/{request.approval_id}/").text

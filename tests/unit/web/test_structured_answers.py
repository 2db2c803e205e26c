"""Answering by a form that the producer's schema describes, and a requester answering a revision."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from approvals.actions.decide import Ballot, decide
from approvals.actions.errors import Invalid
from approvals.models import ApprovalRequest, Decision, Delivery, Vote
from approvals.web.answer_fields import Unknown
from approvals.web.answers import AnswerForm
from tests.factories import approval_request, person, policy, run, submission, viewer
from tests.unit.web.conftest import SignIn
from workflows.document import Revision

pytestmark = pytest.mark.django_db
NAME = {"type": "string", "title": "Document Name", "maxLength": 120}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"document_name": NAME, "changes": {"type": "string", "maxLength": 2000}},
    "required": ["document_name", "changes"],
}
NEW_VERSION = {"answer-0": "Handbook 2", "answer-1": "Chapter four\nis rewritten."}


def revision(**fields: Any) -> ApprovalRequest:
    asked = {"kind": "revision", "options": ["revised"], "response_schema": SCHEMA, "policy": policy(users=("rita",))}
    return approval_request(**{**asked, **fields})


def send(client: Client, request: ApprovalRequest, typed: dict[str, str], choice: str = "revised") -> HttpResponse:
    page = f"/requests/{request.approval_id}/"
    shown = re.search(r'name="shown" value="([^"]+)"', client.get(page).text)
    assert shown, "the page offers no answer"
    return client.post(f"{page}decide/", {"choice": choice, "comment": "", "shown": unescape(shown[1]), **typed})


def one_field(part: Any, typed: str, *, is_needed: bool = True, **more: Any) -> AnswerForm:
    needed = ["it"] if is_needed else []
    schema = {"type": "object", "properties": {"it": part}, "required": needed, **more}
    return AnswerForm(schema, {"answer-0": typed})


def test_the_requester_sends_the_new_version_and_the_workflow_is_told(signed_in: SignIn) -> None:
    request = revision()
    done = send(signed_in("rita"), request, NEW_VERSION)
    assert done.status_code == 302
    expected = {"document_name": "Handbook 2", "changes": "Chapter four\nis rewritten."}
    assert Vote.objects.get().response == Decision.objects.get().response == expected
    assert json.loads(Delivery.objects.get().payload)["response"] == expected


def test_what_is_missing_is_said_beside_its_field_and_the_rest_is_kept(signed_in: SignIn) -> None:
    again = send(signed_in("rita"), revision(), {**NEW_VERSION, "answer-1": "  "})
    assert again.status_code == 422
    assert "Handbook 2" in again.text
    assert 'id="id_answer-1_error"' in again.text
    assert not Vote.objects.exists()


def test_the_requester_finds_the_revision_in_the_queue_and_on_the_submission(signed_in: SignIn) -> None:
    begun = run(workflow="document", requester="rita")
    request = revision(run_name=begun.run_name, workflow="document", title="Changes to the handbook")
    rita = person("rita")
    sent = submission(rita, workflow="document", run_name=begun.run_name, state="submitted")
    client = signed_in("rita")
    assert "Changes to the handbook" in client.get("/queue/").text
    page = client.get(f"/submissions/{sent.ref}/").text
    assert "Your turn: changes wanted" in page
    assert f"/requests/{request.approval_id}/" in page


def test_a_rejection_goes_without_the_form(signed_in: SignIn) -> None:
    request = revision(kind="question", options=["approved", "rejected"], policy=policy("managers"))
    done = send(signed_in("anna", "managers"), request, {"comment": "Not now."}, "rejected")
    assert done.status_code == 302
    assert Decision.objects.get().response is None
    assert "response" not in json.loads(Delivery.objects.get().payload)


def test_a_form_that_cannot_be_drawn_is_said_to_be_answered_elsewhere(signed_in: SignIn) -> None:
    schema = {"type": "object", "properties": {"all": {"type": "array"}}, "required": ["all"]}
    request = revision(response_schema=schema)
    client = signed_in("rita")
    assert "answered elsewhere" in client.get(f"/requests/{request.approval_id}/").text
    assert send(client, request, {}).status_code == 422
    assert not Decision.objects.exists()


def test_titles_and_descriptions_of_a_hostile_schema_are_only_text(signed_in: SignIn) -> None:
    evil = "<script>alert(1)</script>"
    part = {"title": evil, "description": evil, "enum": [evil, '"><b>']}
    request = revision(response_schema={"type": "object", "properties": {evil: part, "b": {**NAME, "title": evil}}})
    page = signed_in("rita").get(f"/requests/{request.approval_id}/")
    assert page.status_code == 200
    assert evil not in page.text
    assert '"><b>' not in page.text


@pytest.mark.parametrize(
    ("part", "typed", "value"),
    [
        ({"type": "integer", "minimum": 1}, "12", 12),
        ({"type": "number"}, "25000.5", 25000.5),
        ({"type": "number", "multipleOf": 0.01}, " 7.25 ", 7.25),
        ({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[0-9]+$"}]}, "7", 7),
        ({"type": "boolean"}, "on", True),
        ({"type": "boolean"}, "", False),
        ({"type": "string", "enum": ["a", "b"]}, "b", "b"),
        ({"enum": [1, 2]}, "2", 2),
        ({"type": "string", "maxLength": 20}, " a\u202eb\nc ", "ab c"),
        ({"$ref": "#/$defs/Size"}, "big", "big"),
    ],
)
def test_values_reach_the_workflow_in_the_type_of_the_schema(part: Any, typed: str, value: Any) -> None:
    defined = {"Size": {"type": "string", "enum": ["big", "small"]}}
    more: dict[str, Any] = {"$defs": defined}
    form = one_field(part, typed, **more)
    assert form.is_valid(), form.errors
    assert form.response == {"it": value}
    assert type(form.response["it"]) is type(value)


@pytest.mark.parametrize(
    ("part", "typed"),
    [
        ({"type": "integer"}, "1.5"),
        ({"type": "integer", "minimum": 1}, "0"),
        ({"type": "number"}, "NaN"),
        ({"type": "number", "multipleOf": 0.01}, "7.255"),
        ({"type": "number", "multipleOf": 1.0}, "7.5"),
        ({"type": "number"}, "1234567890123456.7"),
        ({"enum": ["a"]}, "b"),
        ({"type": "string", "maxLength": 2}, "abc"),
        ({"type": "string"}, "   "),
    ],
)
def test_values_that_the_schema_does_not_take_are_refused(part: Any, typed: str) -> None:
    assert not one_field(part, typed).is_valid()


def test_what_is_optional_and_left_empty_is_left_out() -> None:
    form = one_field({"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}, "", is_needed=False)
    assert form.is_valid(), form.errors
    assert form.response == {}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "object", "properties": []},
        {"type": "object", "properties": {"a": "string"}},
        {"type": "object", "properties": {"a": {"type": ["string"]}}},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}},
        {"type": "object", "properties": {"a": {"type": "string", "maxLength": "9"}}},
        {"type": "object", "properties": {"a": {"type": "number", "multipleOf": 0.25}}},
        {"type": "object", "properties": {"a": {"type": "number", "multipleOf": 0}}},
        {"type": "object", "properties": {"a": {"type": "string", "title": {}}}},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {"type": "object", "properties": {"a": {"$ref": ["a"]}}, "$defs": {}},
        {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}},
        {"type": "object", "properties": {"a": {"enum": [{}]}}},
        {"type": "object", "properties": {"a": NAME}, "required": ["b"]},
        {"type": "object", "properties": {"a": NAME}, "required": [["a"]]},
        {"type": "object", "properties": {f"a{number}": NAME for number in range(21)}},
        {"type": "object", "properties": {"a": NAME}, "minProperties": 2},
    ],
)
def test_a_schema_of_another_shape_is_told_apart(schema: dict[str, Any]) -> None:
    with pytest.raises(Unknown):
        AnswerForm(schema)


def test_the_form_of_the_document_workflow_gives_what_the_workflow_takes() -> None:
    form = AnswerForm(json.loads(json.dumps(Revision.model_json_schema())), NEW_VERSION)
    assert form.is_valid(), form.errors
    assert Revision.model_validate(form.response).document_name == "Handbook 2"


@pytest.mark.parametrize(
    ("fields", "response", "sentence"),
    [
        ({}, None, "answered by a form"),
        ({"response_schema": None}, {"document_name": "Handbook 2"}, "takes no form"),
        ({}, {"changes": "x" * 40_000}, "under 40,000 characters"),
    ],
)
def test_an_answer_without_its_form_or_with_too_much_is_refused(fields: Any, response: Any, sentence: str) -> None:
    request = revision(**fields)
    ballot = Ballot("revised", "", request.version, request.content_digest, response)
    with pytest.raises(Invalid, match=sentence):
        decide(viewer("rita"), request.approval_id, ballot)
    assert not Decision.objects.exists()

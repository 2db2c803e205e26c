"""A structured answer is told by the titles of its schema, and never what that keeps secret."""

from typing import Any

import pytest

from approvals.models.responses import HIDDEN, decision_shown, said_in, without_secrets

NAME = {"type": "string", "title": "Document name"}


def of(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **more}


def test_fields_come_in_the_order_of_the_form_under_their_titles() -> None:
    schema = of({"changes": {"type": "string"}, "document_name": NAME, "at": {}}, required=["document_name", "changes"])
    said = said_in(schema, {"at": 1, "changes": "All", "extra": True, "document_name": "Lease"})
    assert [tuple(one) for one in said] == [
        ("document_name", "Document name", "Lease"),
        ("changes", "", "All"),
        ("at", "", 1),
        ("extra", "", True),
    ]


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        (of({"pin": {"type": "string", "writeOnly": True}}), ("pin",)),
        (of({"pin": {"type": "string", "format": "password"}}), ("pin",)),
        (of({"pin": {"$ref": "#/$defs/Pin"}}, **{"$defs": {"Pin": {"writeOnly": True}}}), ("pin",)),
        (of({"pin": {"$ref": "#/definitions/Pin"}}, definitions={"Pin": {"format": "password"}}), ("pin",)),
        (of({"pin": {"anyOf": [{"type": "null"}, {"type": "string", "format": "password"}]}}), ("pin",)),
        (of({}, allOf=[of({"pin": {"writeOnly": True}})]), ("pin",)),
        (of({"card": of({"pin": {"writeOnly": True}})}), ("card", "pin")),
        (of({"cards": {"type": "array", "items": of({"pin": {"writeOnly": True}})}}), ("cards", 0, "pin")),
        (of({}, additionalProperties={"format": "password"}), ("pin",)),
        (of({}, patternProperties={"^p": {"writeOnly": True}}), ("pin",)),
        (of({"pin": {"$ref": "https://example.com/pin.json"}}), ("pin",)),
        (of({"pin": {"$ref": "#/$defs/nowhere"}}), ("pin",)),
        (of({"pin": {"$ref": "#/$defs/a"}}, **{"$defs": {"a": {"$ref": "#/$defs/a", "writeOnly": True}}}), ("pin",)),
    ],
)
def test_what_the_schema_keeps_secret_is_hidden_wherever_it_says_so(schema: Any, path: tuple[Any, ...]) -> None:
    response: Any = "1234"
    for step in reversed(path):
        response = [response] if step == 0 else {step: response, "open": "yes"} if step == "pin" else {step: response}
    assert "1234" not in str(said_in(schema, response))
    shown = without_secrets(schema, response)
    for step in path:
        shown = shown[step]
    assert shown == HIDDEN


def test_the_decision_of_an_item_hides_no_more_than_the_answers_secrets() -> None:
    decision = {"decision": "revised", "response": {"pin": "1234", "name": "Lease"}}
    schema = of({"pin": {"writeOnly": True}, "name": NAME})
    assert decision_shown(schema, decision) == {"decision": "revised", "response": {"pin": HIDDEN, "name": "Lease"}}
    assert decision_shown(schema, {"decision": "approved"}) == {"decision": "approved"}
    assert decision_shown(None, None) is None


@pytest.mark.parametrize("schema", [None, [], {"properties": []}, {"properties": {"a": 3}, "required": "a"}])
def test_a_strange_schema_still_tells_the_answer(schema: Any) -> None:
    assert [tuple(one) for one in said_in(schema, {"a": "b"})] == [("a", "", "b")]
    assert said_in(schema, "not a form") == []

"""The quick parser gives exactly what botocore's own gives."""

import base64
import json
from typing import Any

import botocore.session
import pytest
from botocore.parsers import JSONParser
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.aws.parser import QUICK, QuickParser, QuickParserFactory, quick

MODEL = botocore.session.get_session().get_service_model("dynamodb")
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=None).map(str) | st.integers().map(str)
binary = st.binary(max_size=12).map(lambda raw: base64.b64encode(raw).decode())
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
leaves = st.one_of(
    st.builds(lambda value: {"S": value}, text),
    st.builds(lambda value: {"N": value}, numbers),
    st.builds(lambda value: {"B": value}, binary),
    st.builds(lambda value: {"SS": value}, st.lists(text, min_size=1, max_size=3)),
    st.builds(lambda value: {"NS": value}, st.lists(numbers, min_size=1, max_size=3)),
    st.builds(lambda value: {"BS": value}, st.lists(binary, min_size=1, max_size=3)),
    st.builds(lambda value: {"BOOL": value}, st.booleans()),
    st.just({"NULL": True}),
)
names = text | st.sampled_from(["B", "BS", "S", "M"])
values = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda value: {"L": value}, st.lists(inner, max_size=3))
        | st.builds(lambda value: {"M": value}, st.dictionaries(names, inner, max_size=3))
    ),
    max_leaves=12,
)
items = st.dictionaries(names, values, max_size=5)


def both(operation: str, body: bytes, status: int = 200) -> tuple[Any, Any]:
    """What the two parsers make of an answer."""
    shape = MODEL.operation_model(operation).output_shape
    response = {"body": body, "headers": {"x-amzn-requestid": "1"}, "status_code": status}
    return QuickParser().parse(dict(response), shape), JSONParser().parse(dict(response), shape)  # type: ignore[no-untyped-call]


@settings(max_examples=300)
@given(st.lists(items, max_size=3), st.booleans())
def test_items_come_out_as_from_the_stock_parser(found: list[Any], escaped: bool) -> None:
    keys = {"T": {"Keys": found, "ConsistentRead": True}} if found else {}
    answers = {
        "BatchGetItem": {"Responses": {"T": found}, "UnprocessedKeys": keys},
        "GetItem": {"Item": found[0]} if found else {},
        "Query": {"Items": found, "Count": len(found), "ScannedCount": 9},
        "Scan": {"Items": found, "Count": len(found), "ConsumedCapacity": {"TableName": "T", "CapacityUnits": 0.5}},
        "UpdateItem": {"Attributes": found[-1], "Unknown": 1} if found else {"Attributes": None},
    }
    assert {f"{operation}Output" for operation in answers} == QUICK
    for operation, answer in answers.items():
        ours, stock = both(operation, json.dumps(answer, ensure_ascii=escaped).encode())
        assert ours == stock


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"Items": [{"a": {"S": "\\ud800"}}]}', b'{"Count": NaN}'])
def test_odd_answers_are_left_to_the_stock_parser(body: bytes) -> None:
    assert quick(body, MODEL.operation_model("Scan").output_shape) is None
    if body != b"[]":
        ours, stock = both("Scan", body)
        assert str(ours) == str(stock)


def test_errors_are_parsed_the_stock_way() -> None:
    body = b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow"}'
    ours, stock = both("Scan", body, 400)
    assert ours == stock
    assert ours["Error"]["Code"] == "ThrottlingException"


def test_other_protocols_have_their_own_parsers() -> None:
    assert not isinstance(QuickParserFactory().create_parser("rest-json"), QuickParser)

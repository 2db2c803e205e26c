"""The quick parser gives exactly what botocore's own gives."""

import base64
import json
from typing import Any

import botocore.session
import pytest
from botocore.parsers import JSONParser
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.aws.items import head, raw_item, read_item
from approvals.aws.parser import (
    QUICK,
    RAW,
    QuickParser,
    QuickParserFactory,
    RawItemsParser,
    RawItemsParserFactory,
    quick,
)

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


def read(parsed: Any) -> Any:
    """An answer with raw items, as if they had been read at once."""
    if "Items" in parsed:
        parsed["Items"] = [read_item(item) for item in parsed["Items"]]
    for table, found in parsed.get("Responses", {}).items():
        parsed["Responses"][table] = [read_item(item) for item in found]
    return parsed


def stock_and_raw(operation: str, body: bytes) -> tuple[Any, Any]:
    """What the stock parser makes of an answer, and what comes of it raw once it is read."""
    shape = MODEL.operation_model(operation).output_shape
    response = {"body": body, "headers": {"x-amzn-requestid": "1"}, "status_code": 200}
    stock = JSONParser().parse(dict(response), shape)  # type: ignore[no-untyped-call]
    return stock, read(RawItemsParser().parse(dict(response), shape))  # type: ignore[no-untyped-call]


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
        body = json.dumps(answer, ensure_ascii=escaped).encode()
        ours, stock = both(operation, body)
        assert ours == stock
        if operation in {"BatchGetItem", "Scan"}:
            assert {"BatchGetItemOutput", "ScanOutput"} == RAW
            stock, late = stock_and_raw(operation, body)
            assert late == stock


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"Items": [{"a": {"S": "\\ud800"}}]}', b'{"Count": NaN}'])
def test_odd_answers_are_left_to_the_stock_parser(body: bytes) -> None:
    assert quick(body, MODEL.operation_model("Scan").output_shape) is None
    if body != b"[]":
        ours, stock = both("Scan", body)
        assert str(ours) == str(stock)


@pytest.mark.parametrize(
    "body",
    [b'{"Items": [{"a": {"S": "\\ud800"}}]}', b'{"Items": [{"a": {"B": "AA=="}}], "Count": NaN}', b'{"Items": null}'],
)
def test_odd_answers_are_the_same_when_their_items_are_read_late(body: bytes) -> None:
    stock, late = stock_and_raw("Scan", body)
    assert str(late) == str(stock)


@given(items, st.text(max_size=5), st.none() | numbers | text)
def test_the_head_of_an_item_is_its_key_and_version(item: Any, key: str, version: str | None) -> None:
    item = item | {"run_name": {"S": key}, "version": {"NULL": True} if version is None else {"N": version}}
    try:
        whole = int(version or "")
    except ValueError:
        whole = 0
    assert head(raw_item(item), "run_name") == (key, whole)


def test_errors_are_parsed_the_stock_way() -> None:
    body = b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow"}'
    ours, stock = both("Scan", body, 400)
    assert ours == stock
    assert ours["Error"]["Code"] == "ThrottlingException"


def test_other_protocols_have_their_own_parsers() -> None:
    assert not isinstance(QuickParserFactory().create_parser("rest-json"), QuickParser)
    assert not isinstance(RawItemsParserFactory().create_parser("rest-json"), QuickParser)

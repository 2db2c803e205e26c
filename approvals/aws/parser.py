"""DynamoDB's answers read by orjson: the stock parser walks every value through the service model and is the mirror's
bottleneck (docs/data.md, "Speed").
"""

from functools import cache
from typing import Any

import msgspec
import orjson
from botocore.model import Shape, StructureShape
from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory

from approvals.aws.items import decode_binary, raw_item

# Answers made of items and plain values only. Everything else, errors too, goes the stock way.
QUICK = frozenset({"BatchGetItemOutput", "GetItemOutput", "QueryOutput", "ScanOutput", "UpdateItemOutput"})
# Answers with many items, for those who asked for them raw.
RAW = frozenset({"BatchGetItemOutput", "ScanOutput"})
_MANY: dict[str, Any] = {"Items": list[msgspec.Raw], "Responses": dict[str, list[msgspec.Raw]]}


class QuickParserFactory(ResponseParserFactory):
    """botocore's component ``response_parser_factory``; knows one parser more."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        return QuickParser() if protocol_name == "json" else super().create_parser(protocol_name)


class QuickParser(JSONParser):
    """Gives what the stock parser gives, for answers of ``QUICK`` without walking them."""

    def _do_parse(self, response: Any, shape: Shape | None) -> Any:
        if isinstance(shape, StructureShape) and shape.name in QUICK:
            parsed = quick(response["body"], shape)
            if parsed is not None:
                self._inject_response_metadata(parsed, response["headers"])  # type: ignore[attr-defined]
                return parsed
        return super()._do_parse(response, shape)  # type: ignore[misc]


def quick(body: bytes, shape: StructureShape) -> dict[str, Any] | None:
    """Return the modelled members of the answer, or None where only the stock parser knows what to make of it."""
    try:
        whole = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(whole, dict):
        return None
    parsed = {name: whole[name] for name in shape.members if whole.get(name) is not None}
    if b'"B"' in body or b'"BS"' in body:
        for inner in parsed.values():
            decode_binary(inner)
    return parsed


class RawItemsParserFactory(QuickParserFactory):
    """The same component for a client of whoever reads many items."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        return RawItemsParser() if protocol_name == "json" else super().create_parser(protocol_name)


class RawItemsParser(QuickParser):
    """Leaves the items of Scan and BatchGetItem as the bytes in which they came (``approvals.aws.items``)."""

    def _do_parse(self, response: Any, shape: Shape | None) -> Any:
        if not isinstance(shape, StructureShape) or shape.name not in RAW:
            return super()._do_parse(response, shape)
        parsed = raw(response["body"], shape)
        if parsed is None:
            return _made_raw(super()._do_parse(response, shape))
        self._inject_response_metadata(parsed, response["headers"])  # type: ignore[attr-defined]
        return parsed


def raw(body: bytes, shape: StructureShape) -> dict[str, Any] | None:
    """Return the modelled members of the answer with the items left raw, or None where that cannot be done."""
    try:
        whole = _answer_decoder(shape.name, *shape.members).decode(body)
    except msgspec.MsgspecError:
        return None
    parsed = {name: found for name, found in msgspec.structs.asdict(whole).items() if found is not None}
    for name in parsed.keys() - _MANY.keys():
        decode_binary(parsed[name])
    return parsed


@cache
def _answer_decoder(name: str, *members: str) -> msgspec.json.Decoder[Any]:
    fields = [(member, _MANY.get(member, Any) | None, None) for member in members]
    return msgspec.json.Decoder(msgspec.defstruct(name, fields))


def _made_raw(parsed: dict[str, Any]) -> dict[str, Any]:
    if "Items" in parsed:
        parsed["Items"] = [raw_item(item) for item in parsed["Items"]]
    for table, items in parsed.get("Responses", {}).items():
        parsed["Responses"][table] = [raw_item(item) for item in items]
    return parsed

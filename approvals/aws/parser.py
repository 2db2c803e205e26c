"""DynamoDB's answers read by orjson: the stock parser walks every value through the service model and is the mirror's
bottleneck (docs/data.md, "Speed").
"""

import base64
from typing import Any

import orjson
from botocore.model import Shape, StructureShape
from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory

# Answers made of items and plain values only. Everything else, errors too, goes the stock way.
QUICK = frozenset({"BatchGetItemOutput", "GetItemOutput", "QueryOutput", "ScanOutput", "UpdateItemOutput"})


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
            _decode_binary(inner)
    return parsed


def _decode_binary(value: Any) -> None:
    """Turn base64 into bytes, in place, wherever an attribute value is binary."""
    if isinstance(value, list):
        for inner in value:
            _decode_binary(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name == "B" and isinstance(inner, str):
                value[name] = base64.b64decode(inner)
            elif name == "BS" and isinstance(inner, list):
                value[name] = [base64.b64decode(one) for one in inner]
            else:
                _decode_binary(inner)

"""Structured answers as people may read them: by the titles of their schema, and without what it keeps secret."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop

# As it stands in JSON; pages translate it.
HIDDEN = gettext_noop("(not shown)")
DEEPEST = 12
BRANCHES = ("anyOf", "oneOf", "allOf")
# What is said elsewhere cannot be known here, so it is not shown.
UNKNOWN = {"writeOnly": True}
type Part = Mapping[str, Any]


class Said(NamedTuple):
    """One field of an answer. ``title`` is empty where the schema gives none; a secret value is ``HIDDEN``."""

    name: str
    title: str
    value: Any


def said_in(schema: Any, response: Any) -> list[Said]:
    """Return the fields of an answer: in the order of its form, then what the schema does not name."""
    if not isinstance(response, Mapping):
        return []
    reader = _Reader(schema)
    whole = _as_part(schema)
    order = [*dict.fromkeys(map(str, _as_list(whole.get("required")))), *sorted(_as_part(whole.get("properties")))]
    names = [name for name in dict.fromkeys(order) if name in response]
    names += [name for name in response if name not in names]
    return [
        Said(name, reader.title(whole, name), reader.shown(reader.property(whole, name), response[name]))
        for name in names
    ]


def without_secrets(schema: Any, response: Any) -> Any:
    """Return an answer as JSON, with ``HIDDEN`` in place of what its schema keeps secret."""
    return _Reader(schema).shown([_as_part(schema)], response)


def decision_shown(schema: Any, decision: Any) -> Any:
    """Return the decision of an item as JSON, with its answer's secrets hidden."""
    if not isinstance(decision, Mapping) or "response" not in decision:
        return decision
    return {**decision, "response": without_secrets(schema, decision["response"])}


class _Reader:
    """Follows a value through its schema. A value may have several parts of the schema: all of them are asked."""

    def __init__(self, schema: Any) -> None:
        self._schema = _as_part(schema)

    def title(self, whole: Part, name: str) -> str:
        titles = (part.get("title") for part in self.property(whole, name))
        return next((title for title in titles if isinstance(title, str) and title), "")

    def property(self, whole: Part, name: str) -> list[Part]:
        return self._below([whole], name)

    def shown(self, parts: list[Part], value: Any, depth: int = 0) -> Any:
        spread = [one for part in parts for one in self._spread(part)]
        if depth > DEEPEST or any(_is_secret(part) for part in spread):
            return HIDDEN
        if isinstance(value, Mapping):
            return {name: self.shown(self._below(spread, name), item, depth + 1) for name, item in value.items()}
        if isinstance(value, list):
            items = [_as_part(part.get("items")) for part in spread]
            items += [_as_part(one) for part in spread for one in _as_list(part.get("prefixItems"))]
            return [self.shown(items, item, depth + 1) for item in value]
        return value

    def _below(self, parts: list[Part], name: str) -> list[Part]:
        """The parts that a property has; one that no part names may be meant by a rule for any name."""
        spread = [one for part in parts for one in self._spread(part)]
        named = [
            _as_part(_as_part(part.get("properties"))[name])
            for part in spread
            if name in _as_part(part.get("properties"))
        ]
        found = named or [_as_part(part.get("additionalProperties")) for part in spread]
        found += [_as_part(rule) for part in spread for rule in _as_part(part.get("patternProperties")).values()]
        return [one for part in found for one in self._spread(part)]

    def _spread(self, part: Part, depth: int = 0) -> Iterator[Part]:
        """The part with what it refers to and its branches."""
        yield part
        if depth > DEEPEST:
            return
        reference = part.get("$ref")
        if isinstance(reference, str):
            yield from self._spread(self._pointed(reference), depth + 1)
        for word in BRANCHES:
            for branch in _as_list(part.get(word)):
                yield from self._spread(_as_part(branch), depth + 1)

    def _pointed(self, reference: str) -> Part:
        """The part that a reference within the schema names, e.g. ``#/$defs/Size``."""
        part: Any = self._schema
        if not reference.startswith("#"):
            return UNKNOWN
        for step in filter(None, reference.removeprefix("#").split("/")):
            part = part.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(part, Mapping) else None
        return part if isinstance(part, Mapping) else UNKNOWN


def _is_secret(part: Part) -> bool:
    return part.get("writeOnly") is True or part.get("format") == "password"


def _as_part(value: Any) -> Part:
    return value if isinstance(value, Mapping) else {}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

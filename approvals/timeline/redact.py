"""What a history may tell: callback ids, secrets and personal numbers leave it before anything is kept or shown."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

HIDDEN = "(hidden)"
# Shorter ones than any service would make are left alone: they would take ordinary letters with them.
SHORTEST_ID = 6
DEEPEST = 12
# Far more than is ever shown.
LONGEST_LOOKED_AT = 20_000
_UNFIT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_LAST_WORD = re.compile(r"\S+$")
# Keys, without case and punctuation, whose values nobody needs to see on a page.
_NAMED = (
    "ssn", "socialsecurity", "callbackid", "token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey",
    "privatekey", "authorization", "cookie", "credential", "signature", "iban", "cardnumber", "cvv", "cvc", "passport",
    "taxid", "nationalid", "phone", "telephone", "address", "birthdate", "dateofbirth", "inputvalue",
)  # fmt: skip
_WHOLE = frozenset({"pin", "dob", "tin", "sin"})
# Callback ids, signed tokens and keys are long runs of base64; words, UUIDs, ids of 32 hex digits and paths are not.
_LONG = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]+")
# name=value and "name": "value" in running text.
_KEY = re.compile(r"""([A-Za-z][\w.-]{1,60})\\?["']?\s*[:=]\s*""")
_VALUE = re.compile(r"""\\?"[^"]*"|'[^']*'|[^\s,;}\])]+""")


class Redactor:
    """Takes secrets out of one execution's texts; ``learn`` tells it the callback ids that its history names."""

    def __init__(self) -> None:
        self._shapes: list[str] = []

    def learn(self, callback_id: object) -> None:
        """Know a callback id from now on, as it is and as it stands in an address or in JSON."""
        text = str(callback_id or "")
        if len(text) < SHORTEST_ID:
            return
        shapes = {text, quote(text, safe=""), quote(text), text.replace("/", "\\/"), text.rstrip("=")}
        self._shapes = sorted({*self._shapes, *shapes}, key=len, reverse=True)

    def text(self, value: object, longest: int) -> str:
        """Return a text without secrets, on one line, cut to a length. Secrets go before the cut, so none is halved."""
        # First what no database takes: within an id it would hide it.
        told = self._without_ids(_UNFIT.sub("", str(value)))
        if len(told) > LONGEST_LOOKED_AT:
            # Nothing is cut in two: the last word goes too.
            told = _LAST_WORD.sub("", told[:LONGEST_LOOKED_AT])
        told = _LONG.sub(HIDDEN, told)
        told = _KEY_ID.sub(HIDDEN, _BEARER.sub(HIDDEN, told))
        told = " ".join(without_pairs(told).split())
        return told if len(told) <= longest else f"{told[: longest - 1]}…"

    def payload(self, value: object, longest: int) -> str:
        """Return a checkpoint's content the same way: JSON without its secret keys, anything else as text."""
        try:
            read = json.loads(str(value))
        except (ValueError, RecursionError):
            return self.text(value, longest)
        if read is None:
            return ""
        shown = self._redacted(plain(read), 0)
        return self.text(shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False), longest)

    def _redacted(self, value: Any, depth: int) -> Any:
        if depth > DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            return {
                self._without_ids(str(key)): HIDDEN if is_secret(str(key)) else self._redacted(inner, depth + 1)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self._redacted(inner, depth + 1) for inner in value]
        return self._nested(value, depth) if isinstance(value, str) else value

    def _nested(self, text: str, depth: int) -> Any:
        """JSON in a JSON text, as callbacks carry their answers, is looked into as well."""
        if text[:1] in ("{", "["):
            try:
                return self._redacted(plain(json.loads(text)), depth + 1)
            except (ValueError, RecursionError):
                pass
        return self._without_ids(text)

    def _without_ids(self, text: str) -> str:
        for shape in self._shapes:
            text = text.replace(shape, HIDDEN)
        return text


def is_secret(key: str) -> bool:
    """Whether the values under this key are hidden."""
    plain_key = "".join(mark for mark in key.lower() if mark.isalnum())
    return plain_key in _WHOLE or any(name in plain_key for name in _NAMED)


def plain(value: Any, depth: int = 0) -> Any:
    """Return a checkpoint's value without the type marks of the SDK's own format ({"t": "s", "v": "text"})."""
    if depth > DEEPEST * 2:
        return value
    if isinstance(value, Mapping):
        if value.keys() == {"t", "v"} and isinstance(value["t"], str):
            return plain(value["v"], depth + 1)
        return {key: plain(inner, depth + 1) for key, inner in value.items()}
    return [plain(inner, depth + 1) for inner in value] if isinstance(value, list) else value


def without_pairs(text: str) -> str:
    """Return a text in which the values of secret names are hidden. What follows another name is looked at too."""
    parts, at = [], 0
    while found := _KEY.search(text, at):
        parts.append(text[at : found.end()])
        at = found.end()
        value = _VALUE.match(text, at) if is_secret(found[1]) else None
        if value:
            parts.append(HIDDEN)
            at = value.end()
    return "".join([*parts, text[at:]])

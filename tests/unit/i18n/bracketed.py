"""Pages with every translated text in ⟦brackets⟧; what people can read outside of them was not marked.

Data is written in circled letters, which no text of ours has, and what a page marks as data is left out.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any, override

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import trans_real

from tests.german import CLOSE, OPEN, Bracketed

WORD = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
# Times are Babel's; the others hold names, keys and code.
DATA_TAGS = frozenset({"script", "style", "template", "code", "kbd", "time", "bdi", "datalist", "pre"})
DATA_CLASSES = frozenset({"mono", "avatar", "person", "number", "odd-character", "readonly"})
VOID = frozenset({"input", "br", "hr", "img", "meta", "link", "wbr", "use", "source", "col"})
SEEN = ("aria-label", "title", "placeholder", "alt", "aria-description", "aria-roledescription")
CIRCLED = {ord(small): 0x24D0 + at for at, small in enumerate("abcdefghijklmnopqrstuvwxyz")}
CIRCLED |= {ord(large): 0x24B6 + at for at, large in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def data(text: str) -> str:
    """Return a text in letters that tell it from texts of ours."""
    return text.translate(CIRCLED)


@contextmanager
def brackets(language: str = "en") -> Iterator[None]:
    """Have a language read so, for the length of a test."""
    with pytest.MonkeyPatch.context() as patch:
        bracketed = Bracketed(language)
        patch.setattr(trans_real, "_translations", {**trans_real._translations, language: bracketed})
        if language == settings.LANGUAGE_CODE:
            patch.setattr(trans_real, "_default", bracketed)
        with translation.override(settings.LANGUAGE_CODE):
            yield


class _Outside(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.depth = 0
        self.found: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # The title of a time, a person or a strange character is data.
        is_data = self.is_data(tag, given) or self.inside_data()
        for name in SEEN:
            if given.get(name) and not is_data:
                self.found += outside(str(given[name]))[0]
        if tag == "input" and given.get("type") in {"submit", "button"}:
            self.found += outside(str(given.get("value") or ""))[0]
        if tag not in VOID:
            self.open.append((tag, self.is_data(tag, given)))

    def inside_data(self) -> bool:
        return any(is_data for tag, is_data in self.open if tag != "html")

    @staticmethod
    def is_data(tag: str, attrs: dict[str, Any]) -> bool:
        # The names of currencies are Babel's.
        classes = set(str(attrs.get("class") or "").split())
        # A cell of the record's lists shows what a column holds.
        if tag in {"td", "th"} and any(one.startswith("field-") for one in classes):
            return True
        return (
            tag in DATA_TAGS
            or bool(classes & DATA_CLASSES)
            or attrs.get("translate") == "no"
            or "lang" in attrs
            or attrs.get("name") == "currency"
        )

    @override
    def handle_endtag(self, tag: str) -> None:
        while self.open:
            last, _is_data = self.open.pop()
            if last == tag:
                return

    @override
    def handle_data(self, data: str) -> None:
        texts, self.depth = outside(data, self.depth)
        if not self.inside_data():
            self.found += texts


def outside(text: str, depth: int = 0) -> tuple[list[str], int]:
    """Return the parts of a text outside all brackets that hold words, and how deep in brackets it ends."""
    parts = [""]
    for mark in text:
        if mark == OPEN:
            depth += 1
            parts.append("")
        elif mark == CLOSE:
            depth = max(0, depth - 1)
            parts.append("")
        elif depth == 0:
            parts[-1] += mark
    return [said for part in parts if (said := " ".join(part.split())) and WORD.search(said)], depth


def unmarked(html: str) -> list[str]:
    """Return what people can read on a page outside all brackets and outside of data."""
    reader = _Outside()
    reader.feed(html)
    reader.close()
    return list(dict.fromkeys(reader.found))

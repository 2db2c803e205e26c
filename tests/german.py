"""A language of brackets in place of a real one: each translated text is its English in ⟦…⟧."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.utils import translation
from django.utils.translation import trans_real

OPEN, CLOSE = "⟦", "⟧"


class Bracketed:
    """What Django asks of a catalog."""

    def __init__(self, language: str, marks: tuple[str, str] = (OPEN, CLOSE)) -> None:
        self._language = language
        self._open, self._close = marks

    def to_language(self) -> str:
        """Return its code."""
        return self._language

    def gettext(self, message: str) -> str:
        """Return the text in brackets, without its context."""
        text = message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]
        return f"{self._open}{text}{self._close}" if text else ""

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return one of the two."""
        return self.gettext(singular if number == 1 else plural)


@contextmanager
def german() -> Iterator[None]:
    """Have texts read so, for the length of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(trans_real._translations, "de", Bracketed("de"))
        with translation.override("de"):
            yield

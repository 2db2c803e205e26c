"""Sentences for people, in the language of whoever reads them now; the record keeps the same ones in English."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any, Self

from django.utils.formats import number_format
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, ngettext, override

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    type Wording = str | _StrPromise
    type Wordings = str | tuple[str, str, str]

RECORDED_IN = "en"


class Sentence(str):
    """A text in the language that was active when it was made, which still knows its English.

    ``wording`` is lazy (``gettext_lazy``, ``ngettext_lazy``), with a named field in braces for each of ``values``.
    """

    __slots__ = ("_values", "_wording")
    _wording: "Wording"
    _values: dict[str, Any]

    def __new__(cls, wording: "Wording", **values: object) -> Self:
        """Fill in the values, as they read in the active language."""
        if isinstance(wording, cls) and not values:
            return wording
        return cls._made(_filled(wording, values), wording, values)

    @classmethod
    def told(cls, tell: "Callable[[], str]") -> Self:
        """Return what is told in the active language, by something that has to be asked again for its English."""
        with override(RECORDED_IN):
            recorded = english(tell())
        return cls._made(tell(), recorded, {})

    @classmethod
    def shown(cls, text: str, *, recorded: str) -> Self:
        """Return a text that the record has in another form."""
        return cls._made(text, recorded, {})

    @classmethod
    def joined(cls, sentences: Iterable[str]) -> Self:
        """Return several sentences as one text."""
        said = {f"s{number}": one for number, one in enumerate(sentences)}
        return cls(" ".join(f"{{{name}}}" for name in said), **said)

    @classmethod
    def _made(cls, text: str, wording: "Wording", values: dict[str, Any]) -> Self:
        made = str.__new__(cls, text)
        made._wording, made._values = wording, values
        return made

    @property
    def english(self) -> str:
        """The same in English."""
        with override(RECORDED_IN):
            values = {
                name: value.english if isinstance(value, Sentence) else value for name, value in self._values.items()
            }
            return _filled(self._wording, values)


def _filled(wording: "Wording", values: dict[str, Any]) -> str:
    # Without values a wording may hold braces of its own: somebody's words, say.
    return wording.format(**values) if values else str(wording)


def _in_english(value: object) -> object:
    return value.english if isinstance(value, Sentence) else value


def english(said: object) -> str:
    """Return a text, or what an exception says, as the record keeps it."""
    if isinstance(said, Exception):
        said = said.args[0] if said.args else ""
    if isinstance(said, Sentence):
        return said.english
    if isinstance(said, Promise):
        with override(RECORDED_IN):
            return str(said)
    return str(said)


def translated(recorded: str) -> str:
    """Return a sentence of the record in the active language; one with values of its own stays in English."""
    # The catalogue's own head answers to the empty text.
    return gettext(recorded) if recorded else ""


def retold(recorded: str, wordings: "Iterable[Wordings]") -> str | None:
    """Return a sentence of the record in the active language, with its values; None where no wording fits it.

    A wording is the English text with named fields in braces; one of a number is a singular, a plural, and the name of
    the field that counts.
    """
    for one in wordings:
        singular, plural, counted = (one, one, "") if isinstance(one, str) else one
        found = _form(singular, counted).fullmatch(recorded) or _form(plural, counted).fullmatch(recorded)
        if found:
            values = found.groupdict()
            said = ngettext(singular, plural, int(values[counted])) if counted else gettext(singular)
            return said.format(**values)
    return None


@lru_cache(maxsize=256)
def _form(wording: str, counted: str) -> re.Pattern[str]:
    """Return what the English of a wording looks like, whatever its values are."""
    parts = []
    for text, name, _spec, _conversion in Formatter().parse(wording):
        parts.append(re.escape(text))
        if name:
            parts.append(f"(?P<{name}>{'[0-9]{1,9}' if name == counted else '.{1,500}?'})")
    return re.compile("".join(parts))


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


grouped = lazy(_grouped, str)
"""A number as people write it: ``4,000``, or ``4.000`` in German."""

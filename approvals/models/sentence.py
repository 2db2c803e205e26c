"""Sentences for people, in the language of whoever reads them now; the record keeps the same ones in English."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Self

from django.utils.formats import number_format
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, override

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    type Wording = str | _StrPromise

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
            recorded = tell()
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


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


grouped = lazy(_grouped, str)
"""A number as people write it: ``4,000``, or ``4.000`` in German."""

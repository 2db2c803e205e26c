"""What keys are called in the reader's language, and texts of classes that read so too."""

from collections.abc import Mapping

from django.utils.functional import Promise

from approvals.web.formats import words
from approvals.web.keys import OVER


def label(key: object) -> str:
    """Return what a key is called: ``credit_check`` gives ``Credit check``. One that nobody knows reads as it comes."""
    text = words(str(key or ""))
    stage, _space, how = str(key or "").rpartition(" ")
    over = OVER.get(how) if stage else None
    return over.format(stage=label(stage)) if over else text


class Text:
    """A text of a class that reads in the language of whoever asks: ``label = Text(gettext_lazy("Expense"))``."""

    def __init__(self, text: str | Promise) -> None:
        self._text = text

    def __get__(self, instance: object, owner: type | None = None) -> str:
        """Return it."""
        return str(self._text)


class Texts:
    """The same for several, by their keys."""

    def __init__(self, texts: Mapping[str, str | Promise]) -> None:
        self._texts = texts

    def __get__(self, instance: object, owner: type | None = None) -> dict[str, str]:
        """Return them."""
        return {key: str(text) for key, text in self._texts.items()}

"""Text that people and producers put in, made safe to store and honest to look at."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Any

# Marks that change how the text around them looks, so that a reason or a file name could read as something else:
# bidi overrides, isolates and embeddings, zero width space and no-break space, invisible operators.
DECEPTIVE = frozenset(
    chr(code) for span in ((0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF))
    for code in range(span[0], span[1] + 1)
)  # fmt: skip
KEPT = frozenset("\n\t")
ASCII_WORD = re.compile("[a-z0-9]+")
# Hiragana to CJK: scripts that put no spaces between words, so that each sign is a word.
UNSPACED = (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uf900", "\ufaff"))
LONGEST_WORD = 60


def clean(text: str) -> str:
    """Return the text in NFC with plain line ends, without control, surrogate and deceptive marks.

    Joiners (U+200C, U+200D) stay: scripts and emoji need them. PostgreSQL would refuse NUL and surrogates.
    """
    if text.isascii() and text.isprintable():
        return text
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(mark for mark in plain if not _spoils(mark))


def _spoils(mark: str) -> bool:
    return mark in DECEPTIVE or (mark not in KEPT and unicodedata.category(mark) in {"Cc", "Cs"})


def one_line(text: str) -> str:
    """Return the text without line breaks and control characters (ASVS 16.4.1)."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def readable(value: Any) -> Any:
    """Return a JSON value with every text in it cleaned, keys too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): readable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [readable(item) for item in value]
    return value


def words_in(text: str, most: int) -> list[str]:
    """Return the first different words of a text as a search compares them: lower case, without accents and marks.

    The same for what is searched and for what people type, so quotes, operators and wildcards mean nothing.
    """
    return list(islice(dict.fromkeys(_words(text)), most))


def _words(text: str) -> Iterator[str]:
    if text.isascii():
        found = ASCII_WORD.findall(text.lower())
    else:
        # Taken apart first: a ligature or a sign such as "™" gives letters that have a lower case.
        found = "".join(map(_for_search, unicodedata.normalize("NFKD", text).casefold())).split()
    for word in found:
        yield word[:LONGEST_WORD]


def _for_search(mark: str) -> str:
    """Return the mark as part of a word, as a word of its own (an emoji), as nothing (an accent), or as a gap."""
    category = unicodedata.category(mark)
    if category == "So" or any(first <= mark <= last for first, last in UNSPACED):
        return f" {mark} "
    if mark.isalnum():
        return mark
    return "" if category in {"Mn", "Me", "Cf"} else " "


def revealed(text: str) -> str:
    """Return the text with deceptive and control marks written out, e.g. ``[U+202E]``, for those who must see them."""
    return "".join(f"[U+{ord(mark):04X}]" if _spoils(mark) else mark for mark in text)

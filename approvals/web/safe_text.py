"""Text from elsewhere, made safe to read: nothing hides, nothing runs backwards."""

import unicodedata

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

# Joiners are letters' business in many scripts and in emoji; between Latin letters they only hide.
JOINERS = frozenset("\u200c\u200d")
ALLOWED_CONTROLS = frozenset("\n\t")
HIDING_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def is_odd(mark: str, before: str = "") -> bool:
    """Whether a character would hide, reorder or blank out text."""
    if mark in JOINERS:
        return not before or before.isascii()
    if mark in ALLOWED_CONTROLS:
        return False
    return unicodedata.category(mark) in HIDING_CATEGORIES or mark in BLANKS


def shown(text: object) -> SafeString:
    """Return escaped text in which each odd character is replaced by its visible number."""
    raw = str(text)
    if raw.isascii() and raw.isprintable():
        return escape(raw)
    parts: list[str] = []
    for before, mark in zip(f" {raw}", raw, strict=False):
        if is_odd(mark, before):
            parts.append(f'<span class="odd-character" title="{name_of(mark)}">U+{ord(mark):04X}</span>')
        else:
            parts.append(escape(mark))
    return mark_safe("".join(parts))  # noqa: S308 (each part is escaped above)


def plain(text: object) -> str:
    """Return text for places without markup (titles, messages); odd characters become ``[U+202E]``."""
    raw = str(text)
    return "".join(
        f"[U+{ord(mark):04X}]" if is_odd(mark, before) else mark for before, mark in zip(f" {raw}", raw, strict=False)
    )


def name_of(mark: str) -> str:
    """Return the character's name, or that it has none."""
    # Unicode's own names are in English alone.
    return unicodedata.name(mark, "").lower() or _("unnamed control character")

"""Amounts as people type them, with a point or a comma before the decimals and marks between the thousands."""

import re
from decimal import Decimal

from django.forms import ValidationError
from django.utils.translation import gettext as _

SPACES = re.compile(r"\s")
# Thousands in threes, all set apart by one mark; another mark stands before the decimals.
GROUPED = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?P<mark>[,. '])[0-9]{3}(?:(?P=mark)[0-9]{3})*)"
    r"(?:(?P<point>(?!(?P=mark))[.,])(?P<part>[0-9]*))?"
)
# India's way: the last three digits, before them pairs.
PAIRED = re.compile(r"(?P<whole>[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3})(?:\.(?P<part>[0-9]*))?")
PLAIN = re.compile(r"(?P<whole>[0-9]*)(?:[.,](?P<part>[0-9]*))?")
MOST_WHOLE_DIGITS = 12


def number_typed(text: str) -> Decimal:
    """Return the number, exactly. Raises ValidationError for what is none, or could be two (``1,240``)."""
    text = SPACES.sub(" ", text.strip()).replace("\u2019", "'")
    found = _grouped(text) or PAIRED.fullmatch(text) or PLAIN.fullmatch(text)
    whole, part = (re.sub("[^0-9]", "", found["whole"]), found["part"] or "") if found else ("", "")
    if not whole + part:
        raise ValidationError(_("Write a number, such as 120.50."))
    whole = whole.lstrip("0") or "0"
    if len(whole) > MOST_WHOLE_DIGITS:
        raise ValidationError(_("Write an amount of at most {most} digits.").format(most=MOST_WHOLE_DIGITS))
    return Decimal(f"{whole}.{part}") if part else Decimal(whole)


def _grouped(text: str) -> re.Match[str] | None:
    found = GROUPED.fullmatch(text)
    if found is None or found["point"] or found["mark"] in " '" or found["whole"].count(found["mark"]) > 1:
        return found
    if found["mark"] == ",":
        sentence = _(
            "{typed} can be read in two ways. Write {thousands} if you mean thousands, "
            "or {decimals} if you mean decimals."
        )
        raise ValidationError(
            sentence.format(typed=text, thousands=text.replace(",", ""), decimals=text.replace(",", "."))
        )
    return None  # a point before three digits stands before decimals, as in 1.240 dinars

"""The currencies that a form offers. Sources: CLDR (Babel) for names and what circulates, ISO 4217 for decimals."""

from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_currency_name, get_currency_precision
from django.utils.translation import get_language, pgettext, to_locale

COMMON = ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "JPY", "CAD", "AUD", "INR", "CNY")
# Bulgaria pays in euro since 1 January 2026; this CLDR is older.
WITHDRAWN = frozenset({"BGN"})
# CLDR leaves out decimals that nobody uses in cash; ISO 4217 and banks keep them.
ISO_DIGITS = {"IQD": 3} | dict.fromkeys(
    ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2
)


@cache
def digits_of() -> dict[str, int]:
    """Return each currency that is legal tender somewhere, with its decimals."""
    current = {
        code
        for entries in get_global("territory_currencies").values()
        for code, _, ended, tender in entries
        if tender and ended is None
    }
    return {code: ISO_DIGITS.get(code, get_currency_precision(code)) for code in sorted(current - WITHDRAWN)}


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the choices of a select, by name in the reader's language: common ones first, then all by code."""
    common, rest = _named(_locale())
    return [(pgettext("currencies", "Common"), common), (pgettext("currencies", "All"), rest)]


@cache
def _named(locale: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    named = {code: f"{code} · {get_currency_name(code, locale=locale)}" for code in digits_of()}
    rest = [(code, name) for code, name in named.items() if code not in COMMON]
    return [(code, named[code]) for code in COMMON], rest


def _locale() -> str:
    """Return the locale of the language that the page is in; English where Babel has no such language."""
    try:
        return str(Locale.parse(to_locale(get_language() or "en")))
    except (UnknownLocaleError, ValueError):
        return "en"

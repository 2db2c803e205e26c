"""The currencies that a form offers. Their names are from CLDR (Babel)."""

from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_currency_name
from django.utils.translation import get_language, pgettext, to_locale

from approvals.models.currencies import digits_of

COMMON = ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "JPY", "CAD", "AUD", "INR", "CNY")


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

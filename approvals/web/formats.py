"""Amounts, moments and names as people read them."""

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_timedelta
from babel.numbers import format_currency, format_decimal, get_currency_precision, get_currency_symbol
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, ngettext, npgettext, pgettext
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from approvals.models.currencies import digits_of
from approvals.policy.wording import day_words, moment_words
from approvals.web.keys import KEYS
from approvals.web.language import LOCALES, is_chosen

SOON = timedelta(hours=24)
LETTER_BEFORE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")
KILOBYTE = 1024
# Whose signs of currencies a language has: in these no two currencies share one.
SIGNS = {"en": "en_US", "de": "de_DE", "fr": "fr_FR"}
MINUTES_EXACT = 10
HOUR, DAY = 60, 24 * 60
"""In minutes."""


def language() -> str:
    """Return the language that texts are made in now, by its two letters."""
    return (get_language() or "en")[:2]


def own_locale() -> str:
    """Return the locale of that language where nothing says more."""
    return LOCALES.get(language(), LOCALES["en"])


def locale_of(request: HttpRequest | None) -> str:
    """Return the locale that shapes numbers: the browser's own of the language shown (de-CH), else of the language.

    A browser of another language, whose owner has chosen none of ours, still gets its own numbers.
    """
    accepted = request.headers.get("Accept-Language", "") if request else ""
    known = [found for tag, _weight in parse_accept_lang_header(accepted[:200]) if (found := _known(tag))]
    fitting = [one for one in known if one.partition("_")[0] == language()]
    if fitting or request is None or is_chosen(request):
        return next(iter(fitting), own_locale())
    return next(iter(known), own_locale())


@lru_cache(maxsize=256)
def _known(tag: str) -> str | None:
    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    return str(locale)


def money(amount: Decimal | None, currency: str, locale: str = "") -> str:
    """Return e.g. ``€1,240.50``. Never rounds: digits beyond the currency's own are shown."""
    if amount is None:
        return ""
    locale = locale or own_locale()
    exact = amount.normalize()
    digits = places_of(currency)
    beyond = max(0, -int(exact.as_tuple().exponent))
    if not currency:
        return format_decimal(amount, locale=locale, decimal_quantization=False)
    if beyond > digits:
        return _named(format_currency(exact, currency, locale=locale, decimal_quantization=False), currency, locale)
    return _named(format_currency(amount, currency, locale=locale), currency, locale)


def sign_of(currency: str, locale: str = "") -> str:
    """Return the sign that a currency has for all readers of the locale's language."""
    locale = locale or own_locale()
    return get_currency_symbol(currency, SIGNS.get(locale.partition("_")[0], locale))


def places_of(currency: str) -> int:
    """Return the decimals that an amount has at least."""
    return get_currency_precision(currency) if currency else 2


@lru_cache(maxsize=64)
def currencies_of(locale: str) -> str:
    """Return for each currency its decimals and its sign, as JSON: by these scripts write amounts as pages do."""
    shown = {code: [places_of(code), sign_of(code, locale)] for code in digits_of()}
    return json.dumps(shown, separators=(",", ":"), ensure_ascii=False)


def _named(text: str, currency: str, locale: str) -> str:
    """Return an amount with the sign that its currency has for all readers of the language, whatever their region.

    A page would say ``$120.00`` and the mail about it ``US$120.00``, which has no browser to ask.
    """
    here = get_currency_symbol(currency, locale)
    return _spaced_out(text.replace(here, sign_of(currency, locale), 1))


def figures(number: Decimal) -> str:
    """Return a plain number as the language writes it: ``5,000.5`` or ``5.000,5``."""
    return format_decimal(number, locale=own_locale(), decimal_quantization=False)


def _spaced_out(text: str) -> str:
    """Return an amount with a space behind letters: CLDR asks for it (``CHF 99.00``), Babel does not do it."""
    return LETTER_BEFORE_DIGIT.sub("\u00a0", text)


def moment_of(text: object) -> datetime | None:
    """Return the aware moment that a text from elsewhere names, or None."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def exact(moment: datetime) -> str:
    """Return e.g. ``21 Nov 2026, 14:05 CET`` in the person's zone; day, month and year cannot be mixed up."""
    return moment_words(moment)


def on_day(day: date) -> str:
    """Return e.g. ``21 Nov 2026``."""
    return day_words(day)


def relative(moment: datetime, now: datetime | None = None) -> str:
    """Return e.g. ``in 2 days`` or ``3 hours ago``."""
    delta = moment - (now or timezone.now())
    if abs(delta) < timedelta(minutes=1):
        return _("in under a minute") if delta > timedelta() else _("just now")
    return format_timedelta(delta, add_direction=True, threshold=1.2, locale=language())


def how_long(span: timedelta) -> str:
    """Return a length of time as people say it behind "within", rounded up: ``10 minutes``, ``4 hours``, ``3 days``."""
    minutes = max(1, -(-span // timedelta(minutes=1)))
    if minutes > 2 * DAY:
        days = -(-minutes // DAY)
        return npgettext("within …", "{count} day", "{count} days", days).format(count=days)
    if minutes > 2 * HOUR:
        hours = -(-minutes // HOUR)
        return npgettext("within …", "{count} hour", "{count} hours", hours).format(count=hours)
    if minutes == 1:
        return pgettext("within …", "a minute")
    rounded = minutes if minutes <= MINUTES_EXACT else -(-minutes // 10) * 10
    return npgettext("within …", "{count} minute", "{count} minutes", rounded).format(count=rounded)


def urgency(deadline: datetime, now: datetime | None = None) -> str:
    """Return ``overdue``, ``soon`` (within a day) or ``later``."""
    left = deadline - (now or timezone.now())
    if left <= timedelta():
        return "overdue"
    return "soon" if left <= SOON else "later"


def words(name: str) -> str:
    """Return a key as words: ``purchase_order`` and ``purchaseOrder`` give ``Purchase order``.

    The keys of our own workflows are translated; what another one brings stays as it is called there.
    """
    said = spaced(name)
    return str(KEYS.get(said, said))


def in_sentence(said: str) -> str:
    """Return such words as they stand inside a sentence: small, but for German, whose nouns keep their capitals."""
    return said if language() == "de" else said.lower()


def spaced(name: str) -> str:
    """Return a key as words, in its own language."""
    spaced = "".join(
        f" {mark.lower()}" if mark.isupper() and before.islower() else mark
        for before, mark in zip(f" {name}", name, strict=False)
    )
    text = " ".join(spaced.replace("_", " ").replace("-", " ").split())
    if text.lower().endswith(" id"):
        text = f"{text[:-2]}ID"
    return text[:1].upper() + text[1:]


def initials(name: str) -> str:
    """Return up to two letters that stand for a person."""
    parts = [part for part in name.replace(".", " ").replace("_", " ").split() if part[0].isalnum()]
    if len(parts) > 1:
        return (parts[0][0] + parts[-1][0]).upper()
    return name[:2].upper()


def size(count: int) -> str:
    """Return a number of bytes as people say it."""
    if count < KILOBYTE:
        return ngettext("{count} byte", "{count} bytes", count).format(count=count)
    if count < KILOBYTE**2:
        return _("{count} KB").format(count=f"{count / KILOBYTE:.0f}")
    return _("{count} MB").format(count=format_decimal(count / KILOBYTE**2, "0.#", locale=own_locale()))

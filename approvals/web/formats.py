"""Amounts, moments and names as people read them."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_timedelta
from babel.numbers import format_currency, format_decimal, get_currency_precision
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation.trans_real import parse_accept_lang_header

DEFAULT_LOCALE = "en_GB"
SOON = timedelta(hours=24)
KILOBYTE = 1024
MINUTES_EXACT = 10


def locale_of(request: HttpRequest | None) -> str:
    """Return the first locale of the browser that Babel knows. It shapes numbers only: words stay English."""
    accepted = request.headers.get("Accept-Language", "") if request else ""
    for tag, _ in parse_accept_lang_header(accepted[:200]):
        if known := _known(tag):
            return known
    return DEFAULT_LOCALE


@lru_cache(maxsize=256)
def _known(tag: str) -> str | None:
    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    return str(locale)


def money(amount: Decimal | None, currency: str, locale: str = DEFAULT_LOCALE) -> str:
    """Return e.g. ``€1,240.50``. Never rounds: digits beyond the currency's own are shown."""
    if amount is None:
        return ""
    exact = amount.normalize()
    digits = get_currency_precision(currency) if currency else 2
    beyond = max(0, -int(exact.as_tuple().exponent))
    if not currency:
        return format_decimal(amount, locale=locale, decimal_quantization=False)
    if beyond > digits:
        return format_currency(exact, currency, locale=locale, decimal_quantization=False)
    return format_currency(amount, currency, locale=locale)


def moment_of(text: object) -> datetime | None:
    """Return the aware moment that a text from elsewhere names, or None."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def exact(moment: datetime) -> str:
    """Return e.g. ``21 Nov 2026, 14:05 CET`` in the person's zone; day, month and year cannot be mixed up."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b %Y, %H:%M} {local.tzname() or ''}".rstrip()


def relative(moment: datetime, now: datetime | None = None) -> str:
    """Return e.g. ``in 2 days`` or ``3 hours ago``."""
    delta = moment - (now or timezone.now())
    if abs(delta) < timedelta(minutes=1):
        return "in under a minute" if delta > timedelta() else "just now"
    return format_timedelta(delta, add_direction=True, threshold=1.2, locale="en")


def how_long(span: timedelta) -> str:
    """Return a length of time as people say it, rounded up: ``10 minutes``, ``4 hours``, ``3 days``."""
    minutes = max(1, -(-span // timedelta(minutes=1)))
    for size, unit in ((24 * 60, "day"), (60, "hour")):
        if minutes > 2 * size:
            return f"{-(-minutes // size)} {unit}s"
    rounded = minutes if minutes <= MINUTES_EXACT else -(-minutes // 10) * 10
    return "a minute" if rounded == 1 else f"{rounded} minutes"


def urgency(deadline: datetime, now: datetime | None = None) -> str:
    """Return ``overdue``, ``soon`` (within a day) or ``later``."""
    left = deadline - (now or timezone.now())
    if left <= timedelta():
        return "overdue"
    return "soon" if left <= SOON else "later"


def words(name: str) -> str:
    """Return a key as words: ``purchase_order`` and ``purchaseOrder`` give ``Purchase order``."""
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
        return f"{count} bytes"
    if count < KILOBYTE**2:
        return f"{count / KILOBYTE:.0f} KB"
    return f"{count / KILOBYTE**2:.1f}".removesuffix(".0") + " MB"

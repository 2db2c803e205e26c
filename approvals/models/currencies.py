"""Which currencies there are. Sources: CLDR (Babel) for what circulates, ISO 4217 for decimals."""

from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_precision

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

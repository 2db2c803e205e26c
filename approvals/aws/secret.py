"""The callback id: whoever holds it can answer for anybody, so it shows itself to nobody."""

from typing import Never, NoReturn, override
from urllib.parse import quote

MASK = "<callback id>"


class CallbackId:
    """A callback id in memory, for the length of one delivery. Printing, formatting and pickling give nothing away."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The id itself, for the one call that needs it."""
        return self._value

    def scrubbed(self, text: str) -> str:
        """The text without the id, as it is or as it stands in an address: errors of AWS quote it."""
        for shape in (self._value, quote(self._value, safe=""), quote(self._value)):
            text = text.replace(shape, MASK)
        return text

    @override
    def __repr__(self) -> str:
        return MASK

    @override
    def __format__(self, spec: str) -> str:
        return MASK

    @override
    def __reduce__(self) -> Never:
        raise TypeError("A callback id never leaves the process.")

    @override
    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(self, "_value"):
            self._refuse()
        object.__setattr__(self, name, value)

    def _refuse(self) -> NoReturn:
        raise AttributeError("A callback id does not change.")

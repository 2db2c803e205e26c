"""One step of the way that a submission takes."""

from dataclasses import dataclass
from datetime import datetime

DONE, NOW, LATER, FAILED = "done", "now", "later", "failed"


@dataclass(frozen=True)
class Step:
    """One step of the way. ``state``: done, now, later or failed; ``by`` and ``for_whom`` are usernames."""

    label: str
    state: str
    at: datetime | None = None
    note: str = ""
    by: str = ""
    due: datetime | None = None
    for_whom: str = ""

"""What the policy answers: yes or no, and why in words that can be shown."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from approvals.models.sentence import Sentence

if TYPE_CHECKING:
    from approvals.models.sentence import Wording


@dataclass(frozen=True)
class Answer:
    """Truthy when allowed. ``reason`` is a sentence for the person who asked; ``code`` is for records and tests."""

    allowed: bool
    code: str
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


def yes(code: str, reason: "Wording", **values: object) -> Answer:
    """An allowed answer. The reason is lazy, with fields for the values, so that the record can have its English."""
    return Answer(allowed=True, code=code, reason=Sentence(reason, **values))


def no(code: str, reason: "Wording", **values: object) -> Answer:
    """A refused answer, in the same way."""
    return Answer(allowed=False, code=code, reason=Sentence(reason, **values))

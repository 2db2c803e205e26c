"""What the policy answers: yes or no, and why in words that can be shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """Truthy when allowed. ``reason`` is a sentence for the person who asked; ``code`` is for records and tests."""

    allowed: bool
    code: str
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


def yes(code: str, reason: str) -> Answer:
    """An allowed answer."""
    return Answer(allowed=True, code=code, reason=reason)


def no(code: str, reason: str) -> Answer:
    """A refused answer."""
    return Answer(allowed=False, code=code, reason=reason)

"""Who may answer a request, as the workflow states it."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

# Blanks, and marks that print nothing.
_HIDDEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def key_of(name: str) -> str:
    """What two spellings of a name have in common: barring must not hang on a capital, a blank or a hidden mark."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(mark for mark in plain if unicodedata.category(mark) not in _HIDDEN)


class PolicyError(ValueError):
    """Nobody could ever answer under this policy."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The floor that the portal may refine and never loosens.

    Attributes:
        groups: portal groups whose members may answer.
        users: portal usernames who may answer, in any case.
        required: how many people must agree, 1 or more.
        exclude: usernames who may not answer; the requester is always added.
    """

    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    required: int = 1
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("groups", "users", "exclude"):
            entries = getattr(self, name)
            # A lone string is a tuple of letters to Python, and would address nobody.
            if isinstance(entries, str) or not all(isinstance(entry, str) and entry for entry in entries):
                raise PolicyError(f"Policy.{name} must be a tuple of names, got {entries!r}")
            object.__setattr__(self, name, tuple(dict.fromkeys(entries)))
        if isinstance(self.required, bool) or self.required < 1:
            raise PolicyError(f"Policy.required must be 1 or more, got {self.required!r}")
        self._check_somebody_can_answer()

    def _check_somebody_can_answer(self) -> None:
        if self.groups:
            return
        able = [user for user in self.users if user not in self.exclude]
        if len(able) < self.required:
            raise PolicyError(
                f"The policy needs {self.required} of users {list(self.users)} and excludes {list(self.exclude)}: "
                "nobody could settle it"
            )

    def excluding(self, *users: str | None) -> "Policy":
        """The same policy without these people; None and "" are passed over.

        Raises:
            PolicyError: nobody would be left.
        """
        return replace(self, exclude=(*self.exclude, *(user for user in users if user)))

    def named(self) -> str:
        """The people in words, for notices and history: `managers, ann`."""
        return ", ".join((*self.groups, *self.users))

    def as_item(self, escalates_to: Iterable["Policy"] = ()) -> dict[str, Any]:
        """The `policy` attribute of a request item. Source: docs/data.md."""
        item: dict[str, Any] = {
            "groups": list(self.groups),
            "users": list(self.users),
            "required": self.required,
            "exclude": list(self.exclude),
        }
        if following := " then ".join(policy.named() for policy in escalates_to):
            item["escalates_to"] = following
        return item

"""What groups are called by people, within a sentence: ours in the reader's language, any other by its own name."""

from collections.abc import Mapping
from functools import reduce

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from approvals.models.sentence import Sentence

GROUPS = {
    "managers": pgettext_lazy("key", "Managers"),
    "finance": pgettext_lazy("key", "Finance"),
    "directors": pgettext_lazy("key", "Directors"),
    "moderators": pgettext_lazy("key", "Moderators"),
    "auditors": pgettext_lazy("key", "Auditors"),
    "admins": pgettext_lazy("key", "Admins"),
    "operators": pgettext_lazy("key", "Operators"),
    "legal": pgettext_lazy("key", "Legal"),
}


def group_words(name: str) -> Sentence:
    """Return what a group is called; the record has it in English."""
    return Sentence.told(lambda: _called(name))


def people_words(named: str, names: Mapping[str, str] | None = None) -> str:
    """Return people and groups that a workflow names in one text, ``directors, zoe then cleo``, as they are called.

    ``names`` has full names by username.
    """
    levels = [", ".join(_of_one(name, names or {}) for name in level.split(", ")) for level in named.split(" then ")]
    return reduce(lambda some, others: _("{some} then {others}").format(some=some, others=others), levels)


def people_in(named: str) -> list[str]:
    """Return the names in such a text that can be usernames."""
    return [name for level in named.split(" then ") for name in level.split(", ") if name not in GROUPS]


def _of_one(name: str, names: Mapping[str, str]) -> str:
    return group_words(name) if name in GROUPS else names.get(name, name)


def _called(name: str) -> str:
    if name not in GROUPS:
        return " ".join(name.replace("_", " ").split())
    said = str(GROUPS[name])
    # German nouns keep their capitals.
    return said if (get_language() or "").startswith("de") else said.lower()

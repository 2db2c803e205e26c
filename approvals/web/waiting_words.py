"""Whom a request waits for, in a few words."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import ApprovalRequest
from approvals.models.groups import group_words
from approvals.policy.wanted import Wanted, wanted


def waiting_words(request: ApprovalRequest, names: Mapping[str, str], *, is_blocked: bool = False) -> str:
    """Return which people and groups an open request asks now, without a full stop; ``names`` are full names.

    ``is_blocked``: too few of them are left to answer it, as ``approvals.policy.answerable`` knows.
    """
    found = wanted(request)
    if is_blocked or (found.is_nobody and not found.is_over):
        return _("This request cannot be answered as it stands")
    if found.is_nobody:
        # A policy whose time is over takes no more answers; the workflow has a deadline of its own.
        return _("Nobody may answer any more; the workflow goes on by itself at its deadline")
    whom = [*(names.get(user, user) for user in found.users), *(group_words(name) for name in found.groups)]
    asked = _people(found, whom)
    if found.also:
        also = _joined((names.get(user, user) for user in found.also), all_of=True)
        asked = _("{people}, and {also} as well").format(people=asked, also=also)
    return _counted(found, asked)


def _people(found: Wanted, whom: list[str]) -> str:
    return _joined(whom, all_of=found.is_each or found.count > 1)


def _joined(names: Iterable[str], *, all_of: bool) -> str:
    *others, last = names
    if not others:
        return last
    joint = _("{people} and {person}") if all_of else _("{people} or {person}")
    return joint.format(people=", ".join(others), person=last)


def _counted(found: Wanted, asked: str) -> str:
    if found.is_all:
        return _("Waiting for {whom}; all of them must agree").format(whom=asked)
    if found.count > 1:
        said = ngettext(
            "Waiting for {whom}; {count} of them must agree",
            "Waiting for {whom}; {count} of them must agree",
            found.count,
        )
        return said.format(whom=asked, count=found.count)
    return _("Waiting for {whom}").format(whom=asked)

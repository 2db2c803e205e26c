"""Whom a request waits for, in a few words."""

from collections.abc import Mapping
from functools import reduce

from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest
from approvals.models.groups import group_words
from approvals.policy.turn import asked_by_name


def waiting_words(request: ApprovalRequest, names: Mapping[str, str]) -> str:
    """Return which people and groups an open request asks now, without a full stop; ``names`` are full names."""
    users, groups = asked_by_name(request)
    whom = [*(names.get(user, user) for user in users), *(group_words(name) for name in groups)]
    if not whom:
        # A policy whose time is over takes no more answers; the workflow has a deadline of its own.
        return _("Nobody may answer any more; the workflow goes on by itself")
    either = reduce(lambda some, one: _("{some} or {one}").format(some=some, one=one), whom)
    return _("Waiting for {whom}").format(whom=either)

"""Refused attempts are part of the record too."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import models

from approvals.actions.errors import ActionError, Refused
from approvals.models import AuditEvent
from approvals.models.sentence import english
from approvals.policy import Viewer


@contextmanager
def refusals_recorded(viewer: Viewer, action: str, target: models.Model | str, **data: object) -> Iterator[None]:
    """Record an action that was not done, with the reason in English, and let the fault pass on.

    Stands outside the action's transaction, which has been rolled back by then.
    """
    try:
        yield
    except ActionError as fault:
        why = fault.answer.code if isinstance(fault, Refused) else type(fault).__name__.lower()
        AuditEvent.objects.record(viewer.actor, action, target, english(fault), why=why, **data)
        raise

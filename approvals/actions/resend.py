"""Try a stuck letter or notification again."""

from django.db import transaction
from django.utils import timezone

from approvals.actions.errors import Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import AuditEvent, Letter, Occasion
from approvals.policy import Viewer, may_retry


def resend_letter(viewer: Viewer, letter: Letter) -> bool:
    """Queue it again; False when it was not stuck any more. Raises Refused for anybody but an admin (recorded)."""
    with refusals_recorded(viewer, "letter.retry_refused", letter), transaction.atomic():
        _check(viewer)
        moved = (
            Letter.objects.stuck()
            .filter(pk=letter.pk)
            .update(state=Letter.State.QUEUED, attempts=0, next_try_at=timezone.now(), finished_at=None)
        )
        if moved:
            AuditEvent.objects.record(viewer.actor, "letter.retried", letter, letter.error)
        return bool(moved)


def tell_again(viewer: Viewer, occasion: Occasion) -> bool:
    """Have an occasion that broke tried again; who was told already is not told twice. Raises Refused (recorded)."""
    with refusals_recorded(viewer, "occasion.retry_refused", occasion), transaction.atomic():
        _check(viewer)
        moved = (
            Occasion.objects.stuck()
            .filter(pk=occasion.pk)
            .update(state=Occasion.State.WAITING, attempts=0, due_at=timezone.now())
        )
        if moved:
            AuditEvent.objects.record(viewer.actor, "occasion.retried", occasion, occasion.cause)
        return bool(moved)


def _check(viewer: Viewer) -> None:
    allowed = may_retry(viewer)
    if not allowed:
        raise Refused(allowed)

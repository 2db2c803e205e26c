"""Send a stuck delivery on its way again."""

from django.db import transaction
from django.utils import timezone

from approvals.actions.errors import Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import AuditEvent, Delivery
from approvals.policy import Viewer, may_retry
from approvals.signals import delivery_queued


def retry_delivery(viewer: Viewer, delivery: Delivery) -> bool:
    """Queue it again; False when it was not stuck any more. Raises Refused for anybody but an admin (recorded).

    Attempts start anew, but ``error_kind`` stays: it says that this intent may have reached AWS before.
    """
    with refusals_recorded(viewer, "delivery.retry_refused", delivery), transaction.atomic():
        allowed = may_retry(viewer)
        if not allowed:
            raise Refused(allowed)
        return _queue_again(viewer, delivery)


def _queue_again(viewer: Viewer, delivery: Delivery) -> bool:
    moved = (
        Delivery.objects.stuck()
        .filter(pk=delivery.pk)
        .update(state=Delivery.State.QUEUED, attempts=0, next_try_at=timezone.now(), finished_at=None)
    )
    if moved:
        AuditEvent.objects.record(
            viewer.actor, "delivery.retried", delivery, delivery.error, error_kind=delivery.error_kind
        )
        transaction.on_commit(lambda: delivery_queued.send(Delivery, delivery_id=delivery.pk), robust=True)
    return bool(moved)

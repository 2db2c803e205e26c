"""Send a stuck delivery on its way again."""

from django.db import transaction
from django.utils import timezone

from approvals.actions.errors import Refused
from approvals.models import AuditEvent, Delivery
from approvals.policy import Viewer
from approvals.policy.answer import no
from approvals.signals import delivery_queued


@transaction.atomic
def retry_delivery(viewer: Viewer, delivery: Delivery) -> bool:
    """Queue it again; False when it was not stuck any more. Raises Refused for anybody but an admin."""
    if not viewer.is_admin:
        raise Refused(no("not_admin", "Only an admin may retry a delivery."))
    moved = (
        Delivery.objects.stuck()
        .filter(pk=delivery.pk)
        .update(state=Delivery.State.QUEUED, attempts=0, next_try_at=timezone.now(), finished_at=None)
    )
    if moved:
        AuditEvent.objects.record(viewer.actor, "delivery.retried", delivery, delivery.error)
        transaction.on_commit(lambda: delivery_queued.send(Delivery, delivery_id=delivery.pk))
    return bool(moved)

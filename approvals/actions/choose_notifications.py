"""Choose what one is told, where and when."""

from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict

from approvals.models import AuditEvent, NotificationPreferences
from approvals.policy import Viewer

CHOSEN = ("not_in_app", "not_by_email", "pace", "digest_hour", "quiet_from", "quiet_until")


@transaction.atomic
def choose_notifications(viewer: Viewer, wanted: NotificationPreferences) -> bool:
    """Store the person's wishes; False when nothing changed. Letters that are waiting go as they were."""
    before = NotificationPreferences.objects.select_for_update().filter(person=viewer.user).first()
    was, now = _plain(before or NotificationPreferences(person=viewer.user)), _plain(wanted)
    if was == now:
        return False
    values = {name: getattr(wanted, name) for name in CHOSEN}
    NotificationPreferences.objects.update_or_create(person=viewer.user, defaults=values)
    changed = {name for name in CHOSEN if was[name] != now[name]}
    AuditEvent.objects.record(
        viewer.actor, "user.notifications_changed", viewer.user, ", ".join(sorted(changed)).replace("_", " "),
        before={name: was[name] for name in changed}, after={name: now[name] for name in changed},
    )  # fmt: skip
    return True


def _plain(wishes: NotificationPreferences) -> dict[str, Any]:
    told = model_to_dict(wishes, fields=CHOSEN)
    return {name: str(value) if name.startswith("quiet") and value else value for name, value in told.items()}

"""Mark one's notifications as read."""

from django.utils import timezone

from approvals.models import Notification
from approvals.policy import Viewer


def read_one(viewer: Viewer, key: int) -> bool:
    """Mark one; False when it is not the person's, or was read before. Not on the record: it is nobody else's."""
    return bool(Notification.objects.filter(person=viewer.user, pk=key, read_at=None).update(read_at=timezone.now()))


def read_all(viewer: Viewer, newest: int) -> int:
    """Mark all up to the newest that the person was shown; return how many. What came since stays unread."""
    mine = Notification.objects.filter(person=viewer.user, in_app=True, read_at=None, pk__lte=newest)
    return mine.update(read_at=timezone.now())

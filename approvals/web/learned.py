"""What is learned from past requests is read every few minutes, and the same by every process of the portal."""

from datetime import UTC, datetime

from django.utils import timezone

KEPT_SECONDS = 300


def until() -> datetime:
    """Return the end of the past that is learned from: every process has its own cache, and all must say the same."""
    return datetime.fromtimestamp(timezone.now().timestamp() // KEPT_SECONDS * KEPT_SECONDS, UTC)

"""Who is on a request: a claim that others see, and that lapses by itself."""

from datetime import datetime
from typing import override

from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.models.mirror import ApprovalRequest
from approvals.models.people import User


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Asking for claims."""

    def live(self, now: datetime) -> "ClaimQuerySet":
        """Those that hold."""
        return self.filter(until__gt=now)

    def on(self, request: ApprovalRequest, now: datetime) -> "Claim | None":
        """The claim that holds on the request, if any."""
        return self.live(now).filter(request=request).select_related("holder").order_by("-id").first()


class Claim(models.Model):
    """Somebody looks into a request until a time. It gives no right and takes none: it tells the others."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="claims")
    holder = models.ForeignKey(User, models.PROTECT, related_name="claims")
    reason = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(help_text=_("When it lapses; a release sets it to that moment."))

    objects = ClaimQuerySet.as_manager()

    @override
    def __str__(self) -> str:
        return f"{self.holder} until {self.until:%Y-%m-%d %H:%M}"

"""What a person wants to be told, where and when. Without a row: everything, in the portal and by e-mail, at once."""

from typing import Any, override

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from approvals.models.people import User

LAST_HOUR = 23


class NotificationPreferences(models.Model):
    """One person's wishes. Only what is switched off is listed, so that a new topic reaches everybody."""

    class Pace(models.TextChoices):
        """When e-mail comes."""

        NOW = "now", gettext_lazy("At once")
        DAILY = "daily", gettext_lazy("Once a day, all in one")

    person = models.OneToOneField(User, models.CASCADE, related_name="notification_preferences")
    not_in_app: "models.JSONField[Any, Any]" = models.JSONField(default=list, help_text="Topics off in the portal.")
    not_by_email: "models.JSONField[Any, Any]" = models.JSONField(default=list, help_text="Topics off by e-mail.")
    pace = models.CharField(max_length=8, choices=Pace, default=Pace.NOW)
    digest_hour = models.PositiveSmallIntegerField(
        default=8, validators=[MaxValueValidator(LAST_HOUR)], help_text="Of the day in the person's zone."
    )
    quiet_from = models.TimeField(null=True, help_text="In the person's zone; no e-mail from then …")
    quiet_until = models.TimeField(null=True, help_text="… until then.")

    class Meta:
        verbose_name_plural = gettext_lazy("notification preferences")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
            ),
            models.CheckConstraint(condition=Q(digest_hour__lte=LAST_HOUR), name="digest_hour_of_a_day"),
        ]

    @override
    def __str__(self) -> str:
        return self.person.username

    @classmethod
    def of(cls, user: User) -> "NotificationPreferences":
        """Return the person's wishes, not stored where they never said any."""
        return cls.objects.filter(person=user).first() or cls(person=user)

    def wants_in_app(self, topic: str) -> bool:
        """Whether the list in the portal shows it."""
        return topic not in self.not_in_app

    def wants_by_email(self, topic: str) -> bool:
        """Whether an e-mail tells it."""
        return topic not in self.not_by_email

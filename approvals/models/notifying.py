"""Who is to be told of what: the occasion, each person's notification of it, and the letter that carries it.

An occasion is left in the transaction of its cause and is one small row. The worker makes a notification for each
person from it, and letters (e-mails) for those who want them; each row is unique, so nobody is told twice.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, override

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from approvals.models.mirror import ApprovalRequest
from approvals.models.people import User

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_IN_DATA = 300


class Topic(models.TextChoices):
    """What a notification is about; people choose by it."""

    TURN = "turn", gettext_lazy("Something waits for my answer")
    REMINDER = "reminder", gettext_lazy("A deadline comes near")
    OVER = "over", gettext_lazy("My answer is no longer needed")
    OUTCOME = "outcome", gettext_lazy("What became of my own requests")
    COMMENT = "comment", gettext_lazy("Comments where I take part")
    OFFICE = "office", gettext_lazy("Something is stuck and needs an admin")
    AWAY = "away", gettext_lazy("Somebody is away, and who answers for them")


# Told to people whose answer is wanted: what ends when the request is closed.
ASKING = (Topic.TURN, Topic.REMINDER)


class OccasionQuerySet(models.QuerySet["Occasion"]):
    """Leaving occasions, and asking for them."""

    def leave(
        self, topic: Topic, subject: str, *, cause: str = "", due_at: datetime | None = None, **data: Any
    ) -> None:
        """Leave one in the transaction of its cause; one of the same cause that is there already stays as it is."""
        self.leave_all([self.line(topic, subject, cause=cause, due_at=due_at, **data)])

    def leave_all(self, occasions: "Iterable[Occasion]") -> None:
        """Leave many."""
        if rows := list(occasions):
            self.bulk_create(rows, ignore_conflicts=True)

    def line(
        self, topic: Topic, subject: str, *, cause: str = "", due_at: datetime | None = None, **data: Any
    ) -> "Occasion":
        """Return the row that ``leave`` would store.

        ``subject`` is the key of the thing it is about: an approval id, a run's name, a delivery's key. ``cause`` names
        what happened, once and for all; without one, that there is this topic about this subject at all. ``data`` is
        JSON for the words, and holds no secret.
        """
        short = {name: value[:MOST_IN_DATA] if isinstance(value, str) else value for name, value in data.items()}
        return Occasion(
            cause=f"{topic.value}:{cause or subject}"[:400],
            topic=topic,
            subject=subject,
            data=short,
            due_at=due_at or timezone.now(),
        )

    def due(self, now: datetime) -> "OccasionQuerySet":
        """Those to be told now, oldest first."""
        return self.filter(state=Occasion.State.WAITING, due_at__lte=now).order_by("due_at", "id")

    def stuck(self) -> "OccasionQuerySet":
        """Those that broke the code each time, until an admin has them tried again."""
        return self.filter(state=Occasion.State.STUCK)


class Occasion(models.Model):
    """Something that people are to be told, now or at a time to come (a reminder)."""

    class State(models.TextChoices):
        """Where it stands; all but ``waiting`` are ends, ``stuck`` until an admin retries it."""

        WAITING = "waiting", gettext_lazy("To be told")
        TOLD = "told", gettext_lazy("Told")
        DROPPED = "dropped", gettext_lazy("Overtaken before it was told")
        STUCK = "stuck", gettext_lazy("Stuck")

    cause = models.CharField(max_length=400, unique=True, help_text="topic:what happened; the same is told once.")
    topic = models.CharField(max_length=12, choices=Topic)
    subject = models.CharField(max_length=255, help_text="An approval id, a run's name or a delivery's key.")
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(help_text="When to tell; also the end of the lease while somebody is at it.")
    reached = models.BigIntegerField(default=0, help_text="The last person that a batch has come to.")
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OccasionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="occasions_due", condition=Q(state="waiting")),
            models.Index(fields=["-id"], name="occasions_stuck", condition=Q(state="stuck")),
        ]

    @override
    def __str__(self) -> str:
        return self.cause


class LetterQuerySet(models.QuerySet["Letter"]):
    """Questions about letters."""

    def waiting(self) -> "LetterQuerySet":
        """Not yet at an end, whether due or not."""
        return self.filter(state=Letter.State.QUEUED)

    def stuck(self) -> "LetterQuerySet":
        """Those that will not go on without a person."""
        return self.filter(state=Letter.State.STUCK)


class Letter(models.Model):
    """One e-mail to one person: of one notification, or the digest of a day. Its words are written when it is sent."""

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", gettext_lazy("On its way")
        SENT = "sent", gettext_lazy("Sent")
        DROPPED = "dropped", gettext_lazy("Overtaken before it was sent")
        STUCK = "stuck", gettext_lazy("Stuck")

    key = models.CharField(max_length=120, unique=True, help_text=gettext_lazy("Also what its Message-ID is made of."))
    person = models.ForeignKey(User, models.PROTECT, related_name="letters")
    is_digest = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(help_text=gettext_lazy("Also the end of the lease while somebody is at it."))
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(default="", help_text=gettext_lazy("The last fault in words."))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("e-mail")
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="letters_due", condition=Q(state="queued")),
            models.Index(fields=["-created_at", "-id"], name="letters_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="letters_by_state"),
        ]

    @override
    def __str__(self) -> str:
        return self.key


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Questions about what people were told."""

    def shown_to(self, user: User) -> "NotificationQuerySet":
        """What the person's list shows, newest first."""
        return self.filter(person=user, in_app=True).order_by("-id")

    def unread(self) -> "NotificationQuerySet":
        """Neither read, nor overtaken by what happened since."""
        return self.filter(read_at=None, over_at=None)

    def asking(self, request: ApprovalRequest) -> "NotificationQuerySet":
        """Those that asked somebody to answer this request."""
        return self.filter(request=request, occasion__topic__in=ASKING)

    def asked_for(self, person: User, deputy: User) -> "NotificationQuerySet":
        """Those that still ask the deputy to answer for the person."""
        return self.filter(person=deputy, for_person=person, over_at=None, occasion__topic__in=ASKING)

    def of_errors(self, user: User, since: datetime) -> "NotificationQuerySet":
        """What the person was told, since then, of requests that nobody could answer any more, newest first."""
        told = self.filter(person=user, created_at__gt=since, request__status="error")
        return told.filter(occasion__topic__in=(Topic.OVER, Topic.OUTCOME)).select_related("request").order_by("-id")

    def answered(self, request: ApprovalRequest, *people: User) -> int:
        """Note that these people have answered, or somebody for them: what asked them to is over."""
        now = timezone.now()
        told = self.filter(person__in=people, request=request, over_at=None, occasion__topic__in=ASKING)
        return self.filter(pk__in=told.values("pk")).update(over_at=now, read_at=now)


class Notification(models.Model):
    """What one person is told of one occasion."""

    person = models.ForeignKey(User, models.PROTECT, related_name="notifications")
    occasion = models.ForeignKey(Occasion, models.PROTECT, related_name="notifications")
    request = models.ForeignKey(ApprovalRequest, models.PROTECT, null=True, related_name="notifications")
    for_person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="Who is away and whom they are asked for."
    )
    in_app = models.BooleanField(default=True, help_text="Off: the person wants it by e-mail only.")
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, related_name="notifications")
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True, help_text="Since when it asks for nothing any more.")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "occasion"], name="told_once_of_each_occasion")]
        indexes = [
            models.Index(fields=["person", "-id"], name="notifications_of_person", condition=Q(in_app=True)),
            models.Index(
                fields=["person", "-id"],
                name="notifications_unread",
                condition=Q(in_app=True, read_at=None, over_at=None),
            ),
            models.Index(fields=["request", "person"], name="notifications_by_request"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.occasion} to {self.person.username}"

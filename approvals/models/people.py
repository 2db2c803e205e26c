"""What people put in: accounts, submissions, votes, decisions, comments, files. The portal owns these."""

import uuid
from typing import TYPE_CHECKING, override

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models.mirror import ApprovalRequest

if TYPE_CHECKING:
    from approvals.models.outbox import Delivery


AWAY_HELP = gettext_lazy("Who is away and whose answer it is.")


class User(AbstractUser):
    """A person. Roles are groups: managers, finance, directors, auditors, admins."""

    time_zone = models.CharField(
        max_length=64, default="", blank=True, help_text=gettext_lazy("IANA name; empty follows the portal.")
    )
    language = models.CharField(
        max_length=8, default="", blank=True, help_text=gettext_lazy("Empty follows the browser.")
    )
    manager = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        help_text=gettext_lazy("Whom policies mean by it."),
    )
    department = models.CharField(
        max_length=60, default="", blank=True, help_text=gettext_lazy("As the rules of policies name it.")
    )

    default_view = models.ForeignKey(
        "approvals.SavedView", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    shortcuts = models.BooleanField(gettext_lazy("keyboard shortcuts"), default=True, editable=False)

    class Meta(AbstractUser.Meta):
        # "Rita" beside "rita" could decide what "rita" asked for.
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="username_once_in_any_case",
                violation_error_message=gettext_lazy(
                    "There is an account with this name already, if in other letters."
                ),
            )
        ]

    @override
    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @override
    def clean(self) -> None:
        """Refuse somebody who manages themselves: nobody approves what they asked for."""
        super().clean()
        if self.pk is not None and self.manager_id == self.pk:
            raise ValidationError({"manager": _("Nobody is their own manager; choose somebody else, or nobody.")})


class Submission(models.Model):
    """A form that somebody filled in: first a draft, then the input of a run."""

    class State(models.TextChoices):
        """Only drafts change."""

        DRAFT = "draft", gettext_lazy("Draft")
        SUBMITTED = "submitted", gettext_lazy("Submitted")
        WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")

    ref = models.CharField(
        max_length=24, unique=True, help_text=gettext_lazy("What people say aloud, e.g. EXP-7K3M9Q.")
    )
    token = models.UUIDField(
        unique=True, help_text=gettext_lazy("Drawn when the form was opened; a second submit finds the first.")
    )
    workflow = models.CharField(max_length=40)
    requester = models.ForeignKey(User, models.PROTECT, related_name="submissions")
    title = models.CharField(max_length=200, blank=True)
    amount = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True)
    form_data = models.JSONField(
        default=dict, help_text=gettext_lazy("The form as typed, so that a draft comes back unchanged.")
    )
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    run_name = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 (unique, absent in drafts)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["requester", "-created_at", "-id"], name="submissions_mine"),
            models.Index(fields=["-created_at", "-id"], name="submissions_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="submissions_by_state"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.ref} {self.title}".strip()


class StoredFile(models.Model):
    """A private file. Its bytes are only ever sent through the authorised download."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    file = models.FileField(upload_to="attachments/%Y/%m/", max_length=255)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=60)
    size = models.PositiveBigIntegerField(help_text=gettext_lazy("Bytes."))
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    @override
    def __str__(self) -> str:
        return self.name


class Attachment(StoredFile):
    """A file of a submission, such as a receipt."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="attachments")

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="attachments_by_content")]


class Comment(models.Model):
    """A remark on a request; an answer names the remark that it answers."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, models.PROTECT, related_name="comments")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="answers")
    body = models.TextField(help_text=gettext_lazy("In the markdown of approvals.models.markup."))
    mentions = models.ManyToManyField(User, related_name="mentioned_in")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="comments_newest")]

    @override
    def __str__(self) -> str:
        return self.body[:60]


class Vote(models.Model):
    """One person's answer, with the policy it was given under."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="votes")
    voter = models.ForeignKey(User, models.PROTECT, related_name="votes")
    for_person = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=AWAY_HELP,
    )
    choice = models.CharField(max_length=40)
    comment = models.TextField(blank=True)
    response = models.JSONField(
        null=True, help_text=gettext_lazy("The structured answer, where the request asks for one.")
    )
    policy = models.JSONField(help_text=gettext_lazy("The effective policy at that moment."))
    policy_version = models.ForeignKey("approvals.PolicyVersion", models.PROTECT, null=True, related_name="votes")
    step = models.PositiveSmallIntegerField(null=True, help_text=gettext_lazy("Of that version, counted from 0."))
    seats = models.JSONField(default=list, help_text=gettext_lazy("What the answer can count for in its step."))
    shown_version = models.BigIntegerField()
    content_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "voter"], name="one_vote_per_person"),
            models.UniqueConstraint(fields=["request", "for_person"], name="one_vote_for_each_person"),
        ]
        indexes = [
            models.Index(fields=["voter", "-created_at", "-id"], name="votes_mine"),
            models.Index(fields=["-created_at", "-id"], name="votes_newest"),
        ]

    @override
    def __str__(self) -> str:
        return _("{person}: {answer}").format(person=self.who, answer=self.choice)

    @property
    def holder(self) -> User:
        """Whose place the answer takes: the voter's own, or that of the person whom they stand in for."""
        return self.for_person or self.voter

    @property
    def who(self) -> str:
        """Who gave it, as people read it."""
        return one_for_another(self.voter, self.for_person)


class Decision(models.Model):
    """The settled answer of a request as the portal recorded it; there can be only one."""

    if TYPE_CHECKING:
        delivery: Delivery

    request = models.OneToOneField(ApprovalRequest, models.PROTECT, related_name="recorded")
    decision_id = models.UUIDField(unique=True, default=uuid.uuid4)
    choice = models.CharField(
        max_length=40, help_text=gettext_lazy("An option of the request, or withdrawn / cancelled.")
    )
    comments = models.TextField(blank=True)
    response = models.JSONField(
        null=True, help_text=gettext_lazy("The structured answer, where the request asks for one.")
    )
    policy_version = models.ForeignKey("approvals.PolicyVersion", models.PROTECT, null=True, related_name="decisions")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="decisions")
    for_person = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=AWAY_HELP,
    )
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-decided_at", "-id"], name="decisions_newest"),
            models.Index(fields=["choice", "-decided_at", "-id"], name="decisions_by_choice"),
            models.Index(fields=["decided_by", "-decided_at", "-id"], name="decisions_by_person"),
        ]

    @override
    def __str__(self) -> str:
        return _("{answer} by {person}").format(answer=self.choice, person=self.who)

    @property
    def who(self) -> str:
        """Who gave it, as people read it."""
        return one_for_another(self.decided_by, self.for_person)


def one_for_another(deputy: object, person: object | None) -> str:
    """Return who answered: ``Ben``, or ``Ben for Anna`` where he stood in for her."""
    return _("{deputy} for {person}").format(deputy=deputy, person=person) if person else str(deputy)

"""The record: append-only, and the database itself refuses to change or delete a line (triggers)."""

from dataclasses import dataclass
from typing import override

from django.db import models

from approvals.models.sentence import english
from approvals.models.text import one_line, readable


@dataclass(frozen=True)
class Actor:
    """Who does something, and from where.

    ``name`` is the username, or ``system:<part>`` where no person acts. ``origin`` is kept with what they do, where
    it is not the pages: ``cli``.
    """

    name: str
    address: str | None = None
    origin: str = ""

    @classmethod
    def system(cls, part: str) -> "Actor":
        """A part of the product acting by itself, e.g. ``system:worker``."""
        return cls(f"system:{part}")


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """Writing and asking the record."""

    def record(
        self, actor: Actor, action: str, target: models.Model | str, summary: str = "", **data: object
    ) -> "AuditEvent":
        """Append one line.

        ``action`` is ``object.verb`` (``request.decided``). ``target`` is the thing it was done to. ``data`` must be
        JSON and hold no secret: never a callback id, a password or a token. The summary is kept in English.
        """
        event = self.line(actor, action, target, summary, **data)
        event.save(using=self.db, force_insert=True)
        return event

    def line(
        self, actor: Actor, action: str, target: models.Model | str, summary: str = "", **data: object
    ) -> "AuditEvent":
        """Return the line that ``record`` would append, for those who append many at once with ``bulk_create``."""
        kind, key = name_of(target)
        return AuditEvent(
            actor=actor.name[:150],
            address=actor.address,
            action=action,
            object_kind=kind,
            object_id=one_line(key)[:255],
            summary=one_line(english(summary))[:500],
            data=readable(data | ({"origin": actor.origin} if actor.origin else {})),
        )

    def about(self, target: models.Model | str) -> "AuditQuerySet":
        """Lines about one thing, oldest first."""
        kind, key = name_of(target)
        return self.filter(object_kind=kind, object_id=key).order_by("id")


class AuditEvent(models.Model):
    """One line of the record: who did what, when, to what."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150)
    address = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=255)
    summary = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "audit event"
        indexes = [
            # The key comes first, so that a search for it needs no kind.
            models.Index(fields=["object_id", "object_kind", "id"], name="audit_by_object"),
            models.Index(fields=["actor", "-at", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-at", "-id"], name="audit_by_action"),
            models.Index(fields=["object_kind", "-at", "-id"], name="audit_by_kind"),
            models.Index(fields=["-at", "-id"], name="audit_newest"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object_id}"


def name_of(target: models.Model | str) -> tuple[str, str]:
    """Return the kind and the key that the record uses for a thing."""
    if isinstance(target, str):
        kind, _, key = target.partition(":")
        return kind, key
    natural = {
        "approvalrequest": ("request", "approval_id"),
        "run": ("run", "run_name"),
        "submission": ("submission", "ref"),
        "user": ("user", "username"),
        "delivery": ("delivery", "key"),
        "policy": ("policy", "name"),
        "letter": ("letter", "key"),
        "occasion": ("occasion", "cause"),
    }
    kind, field = natural.get(target._meta.model_name or "", (str(target._meta.model_name), "pk"))
    return kind, str(getattr(target, field))

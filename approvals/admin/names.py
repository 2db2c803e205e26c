"""What the record calls its subjects and their columns, in the reader's language.

A name that the model itself was given would be part of its migrations; these are put in its place when this module is
loaded, as the record's lists do. The English of each is what Django makes of the model's own names.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.models import (
    Absence,
    ApprovalRequest,
    AuditEvent,
    Comment,
    Decision,
    Delivery,
    Letter,
    Occasion,
    Policy,
    PolicyRule,
    PolicyVersion,
    Run,
    Submission,
    User,
    Vote,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SUBJECTS: "dict[type[models.Model], tuple[_StrPromise, _StrPromise]]" = {
    Absence: (gettext_lazy("absence"), gettext_lazy("absences")),
    AuditEvent: (gettext_lazy("audit event"), gettext_lazy("audit events")),
    ApprovalRequest: (gettext_lazy("request"), gettext_lazy("requests")),
    Decision: (gettext_lazy("decision"), gettext_lazy("decisions")),
    Vote: (gettext_lazy("vote"), gettext_lazy("votes")),
    Comment: (gettext_lazy("comment"), gettext_lazy("comments")),
    Submission: (gettext_lazy("submission"), gettext_lazy("submissions")),
    Run: (gettext_lazy("run"), gettext_lazy("runs")),
    Delivery: (gettext_lazy("delivery"), gettext_lazy("deliveries")),
    Letter: (gettext_lazy("e-mail"), gettext_lazy("e-mails")),
    Occasion: (gettext_lazy("occasion"), gettext_lazy("occasions")),
    Policy: (gettext_lazy("policy"), gettext_lazy("policies")),
    PolicyVersion: (gettext_lazy("policy version"), gettext_lazy("policy versions")),
    PolicyRule: (gettext_lazy("policy rule"), gettext_lazy("policy rules")),
}
COLUMNS: "dict[str, _StrPromise]" = {
    "accepted at": pgettext_lazy("column", "accepted at"),
    "action": pgettext_lazy("column", "action"),
    "active": pgettext_lazy("column", "active"),
    "actor": pgettext_lazy("column", "actor"),
    "address": pgettext_lazy("column", "address"),
    "amount below": pgettext_lazy("column", "amount below"),
    "amount from": pgettext_lazy("column", "amount from"),
    "amount": pgettext_lazy("column", "amount"),
    "approval id": pgettext_lazy("column", "approval id"),
    "attempts": pgettext_lazy("column", "attempts"),
    "audience": pgettext_lazy("column", "audience"),
    "author": pgettext_lazy("column", "author"),
    "body": pgettext_lazy("column", "body"),
    "category": pgettext_lazy("column", "category"),
    "cause": pgettext_lazy("column", "cause"),
    "choice": pgettext_lazy("column", "choice"),
    "comment": pgettext_lazy("column", "comment"),
    "content digest": pgettext_lazy("column", "content digest"),
    "created at": pgettext_lazy("column", "created at"),
    "currency": pgettext_lazy("column", "currency"),
    "current step": pgettext_lazy("column", "current step"),
    "decided by": pgettext_lazy("column", "decided by"),
    "decision id": pgettext_lazy("column", "decision id"),
    "department": pgettext_lazy("column", "department"),
    "deputy": pgettext_lazy("column", "deputy"),
    "description": pgettext_lazy("column", "description"),
    "due at": pgettext_lazy("column", "due at"),
    "ended at": pgettext_lazy("column", "ended at"),
    "error kind": pgettext_lazy("column", "error kind"),
    "excluded": pgettext_lazy("column", "excluded"),
    "expires at": pgettext_lazy("column", "expires at"),
    "finished at": pgettext_lazy("column", "finished at"),
    "for person": pgettext_lazy("column", "for person"),
    "is digest": pgettext_lazy("column", "is digest"),
    "key": pgettext_lazy("column", "key"),
    "kind": pgettext_lazy("column", "kind"),
    "language": pgettext_lazy("column", "language"),
    "made at": pgettext_lazy("column", "made at"),
    "made by": pgettext_lazy("column", "made by"),
    "manager": pgettext_lazy("column", "manager"),
    "name": pgettext_lazy("column", "name"),
    "next try at": pgettext_lazy("column", "next try at"),
    "number": pgettext_lazy("column", "number"),
    "only": pgettext_lazy("column", "only"),
    "options": pgettext_lazy("column", "options"),
    "person": pgettext_lazy("column", "person"),
    "policy version": pgettext_lazy("column", "policy version"),
    "policy": pgettext_lazy("column", "policy"),
    "priority": pgettext_lazy("column", "priority"),
    "reason": pgettext_lazy("column", "reason"),
    "ref": pgettext_lazy("column", "ref"),
    "request": pgettext_lazy("column", "request"),
    "requester": pgettext_lazy("column", "requester"),
    "response schema": pgettext_lazy("column", "response schema"),
    "run arn": pgettext_lazy("column", "run arn"),
    "run name": pgettext_lazy("column", "run name"),
    "settled at": pgettext_lazy("column", "settled at"),
    "shown version": pgettext_lazy("column", "shown version"),
    "stage": pgettext_lazy("column", "stage"),
    "starts at": pgettext_lazy("column", "starts at"),
    "state": pgettext_lazy("column", "state"),
    "status": pgettext_lazy("column", "status"),
    "subject": pgettext_lazy("column", "subject"),
    "submitted at": pgettext_lazy("column", "submitted at"),
    "time zone": pgettext_lazy("column", "time zone"),
    "title": pgettext_lazy("column", "title"),
    "topic": pgettext_lazy("column", "topic"),
    "until": pgettext_lazy("column", "until"),
    "updated at": pgettext_lazy("column", "updated at"),
    "version": pgettext_lazy("column", "version"),
    "voter": pgettext_lazy("column", "voter"),
    "workflow": pgettext_lazy("column", "workflow"),
    "written at": pgettext_lazy("column", "written at"),
}
# Words of fixed lists that filters offer: answers, and the kinds of things that the record names.
VALUES: "dict[str, _StrPromise]" = {
    "Approved": gettext_lazy("Approved"),
    "Rejected": gettext_lazy("Rejected"),
    "Changes requested": gettext_lazy("Changes requested"),
    "Revised": gettext_lazy("Revised"),
    "Publish": gettext_lazy("Publish"),
    "Remove": gettext_lazy("Remove"),
    "Retry": gettext_lazy("Retry"),
    "Done by hand": gettext_lazy("Done by hand"),
    "Waive": gettext_lazy("Waive"),
    "Withdrawn": gettext_lazy("Withdrawn"),
    "Cancelled": gettext_lazy("Cancelled"),
    "Request": pgettext_lazy("kind of thing", "Request"),
    "Run": pgettext_lazy("kind of thing", "Run"),
    "Submission": pgettext_lazy("kind of thing", "Submission"),
    "User": pgettext_lazy("kind of thing", "User"),
    "Group": pgettext_lazy("kind of thing", "Group"),
    "Delivery": pgettext_lazy("kind of thing", "Delivery"),
    "Policy": pgettext_lazy("kind of thing", "Policy"),
    "Policyrule": pgettext_lazy("kind of thing", "Policyrule"),
    "Letter": pgettext_lazy("kind of thing", "Letter"),
    "Occasion": pgettext_lazy("kind of thing", "Occasion"),
    "Page": pgettext_lazy("kind of thing", "Page"),
    "View": pgettext_lazy("kind of thing", "View"),
    "Savedview": pgettext_lazy("kind of thing", "Savedview"),
    "Attachment": pgettext_lazy("kind of thing", "Attachment"),
    "Comment": pgettext_lazy("kind of thing", "Comment"),
    "Notice": pgettext_lazy("kind of thing", "Notice"),
}


def give() -> None:
    """Put the names in place."""
    for subject, (one, several) in SUBJECTS.items():
        subject._meta.verbose_name, subject._meta.verbose_name_plural = one, several
    everything: list[type[models.Model]] = [*SUBJECTS, User]
    for field in (field for subject in everything for field in subject._meta.fields):
        # Django's own fields of an account are named by Django.
        if isinstance(field.verbose_name, str) and field.verbose_name in COLUMNS:
            field.verbose_name = COLUMNS[field.verbose_name]


give()

"""The signed copy of what a decider was shown; the form carries it, and the decision is bound to it."""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest
from approvals.models.content import content_of
from approvals.policy import Viewer

SALT = "countersign.shown"


class Tampered(Exception):  # noqa: N818 (reads as what happened)
    """The copy was changed, or belongs to another person or request."""


@dataclass(frozen=True)
class Shown:
    """What one person had before them."""

    version: int
    digest: str
    content: dict[str, Any]


def seal(viewer: Viewer, request: ApprovalRequest) -> str:
    """Return the copy as text for a hidden field."""
    copy = {
        "by": viewer.username,
        "of": request.approval_id,
        "version": request.version,
        "digest": request.content_digest,
        "content": content_of(request),
    }
    return signing.dumps(copy, salt=SALT, compress=True)


def unseal(viewer: Viewer, approval_id: str, text: str) -> Shown:
    """Return the copy that this person was shown of this request. Raises Tampered."""
    try:
        copy = signing.loads(text, salt=SALT)
    except signing.BadSignature as fault:
        raise Tampered(_("The form was changed on its way.")) from fault
    if (copy["by"], copy["of"]) != (viewer.username, approval_id):
        raise Tampered(_("The form belongs to another person or request."))
    return Shown(copy["version"], copy["digest"], copy["content"])

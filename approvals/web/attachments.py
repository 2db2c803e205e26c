"""Sending private files to those who may see them."""

import logging

from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from approvals.models import Attachment, AuditEvent, CommentFile
from approvals.models.people import StoredFile
from approvals.policy import may_open_attachment, may_open_comment_file
from approvals.web.middleware import PortalRequest
from approvals.web.uploads import KINDS

log = logging.getLogger(__name__)
# A file is data: it runs nothing, loads nothing, and stands in no frame of another site.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
# Browsers refuse to start their PDF viewer inside a sandbox.
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@require_safe
@cache_control(private=True, no_store=True)
def attachment(request: PortalRequest, attachment_id: str) -> HttpResponseBase:
    """Send the file, on the record; ``?download`` saves it. Strangers learn nothing: to them there is no such file."""
    viewer = request.viewer
    found = get_object_or_404(Attachment.objects.select_related("submission"), pk=attachment_id)
    allowed = may_open_attachment(viewer, found)
    if not allowed:
        AuditEvent.objects.record(viewer.actor, "attachment.refused", found, allowed.reason, why=allowed.code)
        raise Http404
    return sent(request, found, f"{found.name} of {found.submission.ref}", allowed.code)


@require_safe
@cache_control(private=True, no_store=True)
def comment_file(request: PortalRequest, file_id: str) -> HttpResponseBase:
    """Send a file of a comment in the same way."""
    viewer = request.viewer
    found = get_object_or_404(CommentFile.objects.select_related("comment__request"), pk=file_id)
    allowed = may_open_comment_file(viewer, found)
    if not allowed:
        AuditEvent.objects.record(viewer.actor, "attachment.refused", found, allowed.reason, why=allowed.code)
        raise Http404
    return sent(request, found, f"{found.name} of {found.comment.request.approval_id}", allowed.code)


def sent(request: PortalRequest, found: StoredFile, said: str, why: str) -> FileResponse:
    """Return the file's bytes, on the record, in an answer that runs nothing."""
    try:
        stream = found.file.open("rb")
    except FileNotFoundError:
        log.exception("the file of an attachment is gone", extra={"attachment": str(found.pk)})
        raise Http404(_("The file is no longer there.")) from None
    AuditEvent.objects.record(request.viewer.actor, "attachment.opened", found, said, why=why)
    shown = found.content_type in KINDS and "download" not in request.GET
    answer = FileResponse(
        stream,
        as_attachment=not shown,
        filename=found.name,
        content_type=found.content_type if found.content_type in KINDS else "application/octet-stream",
    )
    answer.headers["Content-Security-Policy"] = PDF_POLICY if "pdf" in found.content_type else PICTURE_POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer

"""The files that items name, and which of them the portal holds."""

import re
from collections.abc import Sequence
from typing import Any

from approvals.models import Attachment
from approvals.web.details import File, files_of

UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def files_named_by(attachments: Sequence[Any]) -> list[File]:
    """Return the files; a run that was started elsewhere may name some that the portal cannot send."""
    named = [file.id for file in files_of(attachments) if UUID_TEXT.fullmatch(file.id)]
    known = Attachment.objects.filter(pk__in=named).values_list("pk", flat=True) if named else []
    return files_of(attachments, {str(pk) for pk in known})

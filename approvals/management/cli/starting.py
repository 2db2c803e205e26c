"""Starting a run from a file. The workflow itself checks what the file says, and fails visibly."""

import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import CommandError

from approvals.actions.submit import Filled, submit
from approvals.management.cli.person import INVALID, REFUSED, faults_told
from approvals.models import Submission
from approvals.models.text import revealed
from approvals.policy import Viewer
from approvals.web.duplicates import Doubts, doubts_about_input, likeness_told

KEY_FIELDS = {"expense": "expense_id", "loan": "application_id"}
# Every input names who asks; it is always the person who starts.
REQUESTER_FIELDS = {"expense": "submitted_by"}
TITLE_FIELDS = ("description", "document_name", "content_id", "loan_purpose", "destination")
# What a durable function's start takes, with room for the ref.
MOST_BYTES = 119_000


def start(viewer: Viewer, workflow: str, source: str, token: UUID, confirmed: str = "") -> dict[str, Any]:
    """Submit the file's JSON as the person; the same token finds the same submission. Raises CommandError.

    ``confirmed`` is the mark of the doubts that the person was shown and goes on in spite of.
    """
    if workflow not in settings.WORKFLOW_ARNS:
        raise CommandError(f"Choose one of: {', '.join(settings.WORKFLOW_ARNS)}.", returncode=INVALID)
    payload = as_the_person(viewer, workflow, read(source))
    title = next((str(payload[name]) for name in TITLE_FIELDS if payload.get(name)), workflow)
    key = KEY_FIELDS.get(workflow, "")
    if key in payload:
        raise CommandError(f"Leave out {key}: the portal draws it.", returncode=INVALID)
    doubts = doubts_of(viewer, workflow, payload, token)
    if doubts and confirmed != doubts.digest:
        said = "\n".join(f"- {one.sentence}" for one in doubts.found)
        raise CommandError(
            f"Was this submitted before? It is like what is on its way or done already:\n{revealed(said)}\n"
            f"Nothing was submitted. If it is not the same twice, repeat this with --confirmed {doubts.digest}",
            returncode=INVALID,
        )
    with faults_told():
        filled = Filled(workflow, title, payload, key)
        done = submit(viewer, filled, token=token, form_data=payload, confirmed=likeness_told(doubts))
    return {"ref": done.ref, "run_name": done.run_name, "token": str(token)}


def doubts_of(viewer: Viewer, workflow: str, payload: dict[str, Any], token: UUID) -> Doubts:
    """Return what looks like a duplicate; nothing does where the token was used before: that is the same one."""
    if Submission.objects.filter(token=token).exclude(state=Submission.State.DRAFT).exists():
        return Doubts([])
    return doubts_about_input(viewer, workflow, payload)


def as_the_person(viewer: Viewer, workflow: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the input with the person as its requester. Raises CommandError when it names somebody else."""
    field = REQUESTER_FIELDS.get(workflow, "requester")
    if payload.get(field, viewer.username) != viewer.username:
        raise CommandError(f"{field} names somebody else than {viewer.username}.", returncode=REFUSED)
    return {**payload, field: viewer.username}


def read(source: str) -> dict[str, Any]:
    """Return the JSON object in a file, or on standard input for ``-``. Raises CommandError."""
    try:
        raw = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        value = json.loads(raw, parse_constant=_refuse)
    except OSError as fault:
        raise CommandError(f"{source} cannot be read: {fault.strerror}.", returncode=INVALID) from None
    except ValueError as fault:
        raise CommandError(f"{source} is not JSON: {fault}.", returncode=INVALID) from None
    if not isinstance(value, dict):
        raise CommandError(f"{source} must hold a JSON object.", returncode=INVALID)
    if len(raw.encode()) > MOST_BYTES:
        raise CommandError(f"{source} is larger than {MOST_BYTES:,} bytes.", returncode=INVALID)
    return value


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no JSON value")

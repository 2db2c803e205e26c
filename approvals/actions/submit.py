"""Submit a form: the intent to start a run, in one transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from approvals.actions.draft import claim, editable, short_title
from approvals.actions.refs import run_name_of
from approvals.actions.refusals import refusals_recorded
from approvals.models import AuditEvent, Delivery, Submission
from approvals.models.secrets import without_secrets
from approvals.models.text import readable
from approvals.policy import Viewer


@dataclass(frozen=True)
class Filled:
    """A valid form. ``payload`` is the workflow's input without the business key, as JSON values (design.md §6).

    ``key_field`` is where the submission's ref goes; empty for a workflow that has a key of its own, or none.
    """

    workflow: str
    title: str
    payload: Mapping[str, Any]
    key_field: str = ""
    amount: Decimal | None = None
    currency: str = ""


def submit(
    viewer: Viewer, filled: Filled, *, token: UUID, form_data: dict[str, Any],
    confirmed: Sequence[Mapping[str, str]] = (),
) -> Submission:  # fmt: skip
    """Store the submission, its delivery and an audit event; a repeated submit with the token returns the first.

    ``confirmed``: the warnings that the person saw and sent it all the same, each with its ``sentence`` and the ``ref``
    that it is about; they go on the record with it.
    Raises Refused when the token is somebody else's (recorded).
    """
    with refusals_recorded(viewer, "submission.refused", f"submission:{token}"), transaction.atomic():
        submission = claim(viewer, filled.workflow, token)
        if submission.requester_id == viewer.user.pk and submission.state != Submission.State.DRAFT:
            return submission
        done = _submit(viewer, editable(viewer, submission, filled.workflow), filled, form_data)
        if confirmed:
            found = [one["sentence"] for one in confirmed]
            AuditEvent.objects.record(
                viewer.actor, "submission.duplicate_confirmed", done, "; ".join(found),
                found=found, like=[dict(one) for one in confirmed],
            )  # fmt: skip
        return done


def _submit(viewer: Viewer, submission: Submission, filled: Filled, form_data: dict[str, Any]) -> Submission:
    submission.title, submission.form_data = short_title(filled.title), readable(without_secrets(form_data))
    submission.amount, submission.currency = filled.amount, filled.currency
    submission.state, submission.submitted_at = Submission.State.SUBMITTED, timezone.now()
    submission.run_name = run_name_of(filled.workflow, submission.ref)
    submission.save()
    AuditEvent.objects.record(
        viewer.actor, "submission.submitted", submission, filled.title,
        workflow=filled.workflow, run_name=submission.run_name,
    )  # fmt: skip
    key = {filled.key_field: submission.ref} if filled.key_field else {}
    leave_start(submission, {**readable(filled.payload), **key})
    return submission


def leave_start(submission: Submission, payload: Mapping[str, Any]) -> Delivery:
    """Leave the intent to start the run. The bytes are fixed here: the same name with other bytes is refused by AWS."""
    return Delivery.objects.enqueue(
        key=f"start:{submission.run_name}",
        kind=Delivery.Kind.START,
        submission=submission,
        payload=json.dumps(payload, sort_keys=True, separators=(",", ":")),
        next_try_at=timezone.now(),
    )

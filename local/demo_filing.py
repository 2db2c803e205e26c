"""Submit the demo's stories through the portal's own forms. Safe to repeat: each has a token of its own."""

import io
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from local.demo_playing import viewer_called
from local.demo_story import Form, Line, Story

if TYPE_CHECKING:
    from approvals.models import Submission

_NAMESPACE = uuid.UUID("5b1f1c39-1f2e-4f55-9a52-9d2f0f6f3c11")


def file(story: Story | Form) -> str | None:
    """Submit what the story asks for unless that was done before; return its run name, None for a draft."""
    from approvals.actions.draft import save_draft
    from approvals.actions.submit import submit
    from approvals.models import Submission

    token = _token(story)
    known = Submission.objects.filter(token=token).first()
    if known is not None and (story.is_draft or known.state != Submission.State.DRAFT):
        return known.run_name
    viewer = viewer_called(story.who)
    draft = save_draft(viewer, workflow=story.workflow, token=token, title=story.title, form_data={})
    filled, typed = _filled(story, viewer, draft)
    if story.is_draft:
        return save_draft(viewer, workflow=story.workflow, token=token, title=story.title, form_data=typed).run_name
    return submit(viewer, filled, token=token, form_data=typed).run_name


def filed(story: Story | Form) -> str | None:
    """The run name of a story that was submitted before, else None."""
    from approvals.models import Submission

    return Submission.objects.filter(token=_token(story)).values_list("run_name", flat=True).first()


def _token(story: Story | Form) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, story.key)


def _filled(story: Story | Form, viewer: Any, draft: "Submission") -> tuple[Any, dict[str, Any]]:
    """The story as the portal's own form makes it: what is submitted, and the form as typed."""
    from approvals.web.forms import sheet_of

    kind = sheet_of(story.workflow)
    if kind is None:
        raise ValueError(f"The portal has no form for {story.workflow}.")
    typed = _typed(story) if isinstance(story, Form) else _expense(story, viewer, draft)
    sheet = kind(viewer, typed, draft.attachments.all())
    if not sheet.check():
        raise ValueError(f"The form refuses {story.title!r}: {sheet.problems}")
    filled = sheet.filled()
    if story.timeout_seconds is not None:
        filled = replace(filled, payload={**filled.payload, "timeout_seconds": story.timeout_seconds})
    return filled, sheet.typed


def _typed(story: Form) -> dict[str, Any]:
    """The form as typed, with "+14" as a day."""
    from django.utils import timezone

    today = timezone.localdate()
    days = {name: value for name, value in story.typed.items() if value.startswith("+")}
    return {**story.typed, **{name: (today + timedelta(int(ahead))).isoformat() for name, ahead in days.items()}}


def _expense(story: Story, viewer: Any, draft: "Submission") -> dict[str, Any]:
    lines = [_line(viewer, draft, line) for line in story.lines]
    return {"description": story.title, "currency": story.currency, "lines": lines}


def _line(viewer: Any, draft: "Submission", line: Line) -> dict[str, Any]:
    """One line as the form stores it, its receipt attached to the draft."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from approvals.actions.attach import attach
    from approvals.web.forms.expense_fields import reference

    spent_on = (timezone.localdate() - timedelta(days=line.days_ago)).isoformat()
    typed: dict[str, Any] = {
        "date": spent_on,
        "category": line.category,
        "description": line.description,
        "amount": line.amount,
    }
    if line.receipt:
        present = draft.attachments.filter(name=line.receipt).first()
        picture = SimpleUploadedFile(line.receipt, draw_receipt(line, spent_on), "image/png")
        typed["receipts"] = [reference(present or attach(viewer, draft, picture, "image/png"))]
    return typed


def draw_receipt(line: Line, day: str) -> bytes:
    """A picture of a receipt, as PNG."""
    from PIL import Image, ImageDraw, ImageFont

    paper = Image.new("RGB", (420, 300), "#fbfaf5")
    pen = ImageDraw.Draw(paper)
    big, small = ImageFont.load_default(24), ImageFont.load_default(16)
    pen.text((30, 28), line.receipt.removesuffix(".png").replace("-", " ").title(), "#222", font=big)
    pen.text((30, 70), day, "#666", font=small)
    pen.line((30, 104, 390, 104), "#bbb", 2)
    pen.text((30, 122), line.description, "#222", font=small)
    pen.line((30, 210, 390, 210), "#bbb", 2)
    pen.text((30, 226), "Total", "#222", font=big)
    pen.text((390, 226), line.amount, "#222", font=big, anchor="ra")
    out = io.BytesIO()
    paper.save(out, "PNG")
    return out.getvalue()

"""Fill the demo: people, and a dozen expenses that went through the real workflow. Safe to run again.

`python -m local.people_and_requests prepare|requests`, with the portal's environment. Nothing is written into the
mirror: expenses are submitted and decided by the portal's own actions, and its worker carries them.
"""

import io
import os
import sys
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from local.demo_story import EXPIRES_AT_ONCE, PEOPLE, STORIES, Act, Line, Story

if TYPE_CHECKING:
    from approvals.models import ApprovalRequest, Submission

__all__ = ["PEOPLE", "file_expenses", "make_people", "prepare"]

_NAMESPACE = uuid.UUID("5b1f1c39-1f2e-4f55-9a52-9d2f0f6f3c11")
PATIENCE_SECONDS = 90.0


def prepare(password: str) -> None:
    """Bring database, mirror and static files up to date, and the people with them."""
    from django.core.management import call_command

    call_command("migrate", interactive=False)
    call_command("collectstatic", interactive=False)
    make_people(password)
    # What changed while the demo was stopping may never have reached the queue: MiniStack keeps no stream records.
    call_command("reconcile")


def make_people(password: str) -> None:
    """Create or refresh accounts and groups; who signs in gets `password`."""
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import Group

    from approvals.models import User

    for name in ("managers", "finance", "directors", "auditors", "admins"):
        Group.objects.get_or_create(name=name)
    first = User.objects.filter(username=PEOPLE[0].username).first()
    # Hashing is slow by design: once for all of them, and not at all when the password is the same as last time.
    encoded = None if first and first.check_password(password) else make_password(password)
    for person in PEOPLE:
        user, _ = User.objects.get_or_create(username=person.username)
        user.first_name, _, user.last_name = person.full_name.partition(" ")
        user.email = f"{person.username}@example.com"
        # Both see Django's admin; what they may do there, the portal's own policy says.
        user.is_staff = not {"admins", "auditors"}.isdisjoint(person.groups)
        if not person.can:
            user.set_unusable_password()
        elif encoded is not None:
            user.password = encoded
        user.save()
        user.groups.set(Group.objects.filter(name__in=person.groups))


def file_expenses() -> None:
    """Submit every story and play its acts as the requests arrive. Raises TimeoutError if the workflow is stuck."""
    submitted = [(story, _submit(story)) for story in STORIES]
    waiting = [(story, run_name) for story, run_name in submitted if run_name is not None]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while waiting := [(story, run_name) for story, run_name in waiting if not _play(story, run_name)]:
        if time.monotonic() > deadline:
            stuck = ", ".join(story.title for story, _ in waiting)
            raise TimeoutError(f"The workflow did not get on with: {stuck}. See the worker's and MiniStack's log.")
        time.sleep(0.1)


def _submit(story: Story) -> str | None:
    """Submit the story's expense unless that was done before; return its run name, None for a draft."""
    from approvals.actions.draft import save_draft
    from approvals.actions.submit import submit
    from approvals.models import Submission

    token = uuid.uuid5(_NAMESPACE, story.key)
    known = Submission.objects.filter(token=token).first()
    if known is not None and (story.is_draft or known.state != Submission.State.DRAFT):
        return known.run_name
    viewer = _viewer(story.who)
    draft = save_draft(viewer, workflow="expense", token=token, title=story.title, form_data={})
    filled, typed = _filled(story, viewer, draft)
    if story.is_draft:
        return save_draft(viewer, workflow="expense", token=token, title=story.title, form_data=typed).run_name
    return submit(viewer, filled, token=token, form_data=typed).run_name


def _filled(story: Story, viewer: Any, draft: "Submission") -> tuple[Any, dict[str, Any]]:
    """The story as the portal's own form makes it: what is submitted, and the form as typed."""
    from approvals.web.forms.expense import ExpenseSheet

    typed = {
        "description": story.title,
        "currency": story.currency,
        "lines": [_line(viewer, draft, line) for line in story.lines],
    }
    sheet = ExpenseSheet(viewer, typed, draft.attachments.all())
    if not sheet.check():
        raise ValueError(f"The form refuses {story.title!r}: {sheet.problems}")
    filled = sheet.filled()
    if story.timeout_seconds is not None:
        filled = replace(filled, payload={**filled.payload, "timeout_seconds": story.timeout_seconds})
    return filled, sheet.typed


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


def _play(story: Story, run_name: str) -> bool:
    """Play what can be played now; True when nothing of the story is left to do or to wait for."""
    for act in story.acts:
        request = _request(run_name, act.stage)
        if request is None:
            return False
        if not _played(act, request):
            if not request.is_pending:
                continue  # decided or expired by other hands: the story went its own way
            _do(act, request)
    return _arrived(story, run_name)


def _request(run_name: str, stage: str) -> "ApprovalRequest | None":
    from approvals.models import ApprovalRequest

    return ApprovalRequest.objects.filter(run_name=run_name, stage=stage).order_by("approval_id").first()


def _played(act: Act, request: "ApprovalRequest") -> bool:
    if act.verb == "comment":
        return request.comments.filter(author__username=act.who, body=act.words).exists()
    if act.verb == "withdraw":
        return hasattr(request, "recorded")
    return request.votes.filter(voter__username=act.who).exists()


def _do(act: Act, request: "ApprovalRequest") -> None:
    from approvals.actions.close import close_request
    from approvals.actions.comment import comment
    from approvals.actions.decide import Ballot, decide

    viewer = _viewer(act.who)
    if act.verb == "comment":
        comment(viewer, request, act.words)
    elif act.verb == "withdraw":
        close_request(viewer, request.approval_id, act.words)
    else:
        ballot = Ballot(act.verb, act.words, request.version, request.content_digest)
        decide(viewer, request.approval_id, ballot)


def _arrived(story: Story, run_name: str) -> bool:
    """Whether the portal shows where the story ends: a waiting request, or a run that has ended."""
    from approvals.models import Run
    from approvals.models.mirror import ENDED_RUNS

    run = Run.objects.filter(run_name=run_name).first()
    if run is None:
        return False
    if run.status in ENDED_RUNS:
        return True
    # A short timeout is there to be seen expired; anything else waits for whoever tries the demo.
    waits = [
        request for stage in ("manager", "finance") if (request := _request(run_name, stage)) and request.is_pending
    ]
    return (
        bool(waits)
        and story.timeout_seconds != EXPIRES_AT_ONCE
        and not any(hasattr(request, "recorded") for request in waits)
    )


def _viewer(username: str) -> Any:
    from approvals.models import User
    from approvals.policy import Viewer

    return Viewer.of(User.objects.get(username=username))


def main(arguments: list[str]) -> None:
    """Run one part, with Django set up."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ["PROMPT_DELIVERY"] = "false"  # this process ends at once; the worker delivers
    django.setup()
    if arguments == ["prepare"]:
        prepare(os.environ["DEMO_PASSWORD"])
    elif arguments == ["requests"]:
        try:
            file_expenses()
        except TimeoutError as error:
            sys.exit(str(error))
    else:
        sys.exit("usage: python -m local.people_and_requests prepare|requests")


if __name__ == "__main__":
    main(sys.argv[1:])

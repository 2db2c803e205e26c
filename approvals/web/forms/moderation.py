"""The moderation form: content that somebody flagged."""

import re
from typing import Any, override

from django import forms

from approvals.actions.submit import Filled
from approvals.web.forms.fields import CleanCharField, CleanTextField, IdField, Styled
from approvals.web.forms.sheet import Sheet, SheetForm

LONGEST_EXCERPT = 4000
LONGEST_NAME = 150
MOST_FLAGS = 20
LONGEST_FLAG = 80
TYPES = [
    ("comment", "Comment"),
    ("post", "Post"),
    ("review", "Review"),
    ("message", "Message"),
    ("image", "Image"),
    ("video", "Video"),
    ("profile", "Profile"),
    ("other", "Other"),
]


class ModerationForm(Styled, SheetForm):
    """What was flagged, whose it is, and why."""

    sections = (("", "", (("content_type", "content_id", "author"), ("excerpt",), ("flags",))),)

    content_type = forms.ChoiceField(
        label="Kind",
        choices=[("", "Choose"), *TYPES],
        error_messages={"required": "Choose what it is.", "invalid_choice": "Choose one of the kinds of the list."},
    )
    content_id = IdField(
        label="Content ID",
        help_text="Its name in the system that shows it.",
        error_messages={"required": "Say which content it is."},
    )
    author = CleanCharField(max_length=LONGEST_NAME, error_messages={"required": "Say who wrote or made it."})
    excerpt = CleanTextField(
        label="What it says",
        max_length=LONGEST_EXCERPT,
        help_text="The part that matters, word for word. For a picture, say what it shows.",
        error_messages={"required": "Give the part that was flagged."},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    flags = CleanTextField(
        label="Why it was flagged",
        help_text="One reason on each line.",
        error_messages={"required": "Give at least one reason."},
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Insult\nReported by three readers"}),
    )

    def clean_flags(self) -> list[str]:
        """Return the reasons, each once, in their order."""
        lines = (" ".join(line.split()) for line in re.split(r"[\n;]", self.cleaned_data["flags"]))
        flags = list(dict.fromkeys(filter(None, lines)))
        if not flags:
            raise forms.ValidationError("Give at least one reason.")
        if len(flags) > MOST_FLAGS:
            raise forms.ValidationError(f"Give at most {MOST_FLAGS} reasons.")
        if any(len(flag) > LONGEST_FLAG for flag in flags):
            raise forms.ValidationError(f"Keep each reason under {LONGEST_FLAG} characters.")
        return flags


class ModerationSheet(Sheet):
    """Flagged content to be published or removed."""

    workflow = "moderation"
    label = "Flagged content"
    description = "Content that may have to go. Moderators answer it before anything else."
    icon = "shield"
    form_class = ModerationForm
    stages = {"moderation": "Moderators"}
    finish = "Settled"

    @override
    def title(self) -> str:
        """Return e.g. ``Comment c-17 by ann``."""
        kind = dict(TYPES).get(str(self.typed.get("content_type")), "Content")
        name, author = self.typed.get("content_id") or "", self.typed.get("author") or ""
        return " ".join(filter(None, [kind, str(name), f"by {author}" if author else ""])) if name or author else ""

    @override
    def filled(self) -> Filled:
        """Return the workflow's input. Content has a key of its own; who flags it may not decide it."""
        payload: dict[str, Any] = {**self.form.cleaned_data, "requester": self.viewer.username}
        return Filled(self.workflow, self.title(), payload)

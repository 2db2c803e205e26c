"""The moderation form: content that somebody flagged."""

import re
from collections.abc import Mapping
from typing import Any, override

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.actions.submit import Filled
from approvals.web.forms.fields import CleanCharField, CleanTextField, IdField, Styled
from approvals.web.forms.sheet import Sheet, SheetForm, mark_of
from approvals.web.labels import Text, Texts

LONGEST_EXCERPT = 4000
LONGEST_NAME = 150
MOST_FLAGS = 20
LONGEST_FLAG = 80
TYPES = [
    ("comment", pgettext_lazy("kind of content", "Comment")),
    ("post", pgettext_lazy("kind of content", "Post")),
    ("review", pgettext_lazy("kind of content", "Review")),
    ("message", pgettext_lazy("kind of content", "Message")),
    ("image", pgettext_lazy("kind of content", "Image")),
    ("video", pgettext_lazy("kind of content", "Video")),
    ("profile", pgettext_lazy("kind of content", "Profile")),
    ("other", pgettext_lazy("kind of content", "Other")),
]


class ModerationForm(Styled, SheetForm):
    """What was flagged, whose it is, and why."""

    sections = (("", "", (("content_type", "content_id", "author"), ("excerpt",), ("flags",))),)

    content_type = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("", gettext_lazy("Choose")), *TYPES],
        error_messages={
            "required": gettext_lazy("Choose what it is."),
            "invalid_choice": gettext_lazy("Choose one of the kinds of the list."),
        },
    )
    content_id = IdField(
        label=gettext_lazy("Content ID"),
        help_text=gettext_lazy("Its name in the system that shows it."),
        error_messages={"required": gettext_lazy("Say which content it is.")},
    )
    author = CleanCharField(
        label=gettext_lazy("Author"),
        max_length=LONGEST_NAME,
        error_messages={"required": gettext_lazy("Say who wrote or made it.")},
    )
    excerpt = CleanTextField(
        label=gettext_lazy("What it says"),
        max_length=LONGEST_EXCERPT,
        help_text=gettext_lazy("The part that matters, word for word. For a picture, say what it shows."),
        error_messages={"required": gettext_lazy("Give the part that was flagged.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    flags = CleanTextField(
        label=gettext_lazy("Why it was flagged"),
        help_text=gettext_lazy("One reason on each line."),
        error_messages={"required": gettext_lazy("Give at least one reason.")},
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": gettext_lazy("Insult\nReported by three readers")}),
    )

    def clean_flags(self) -> list[str]:
        """Return the reasons, each once, in their order."""
        lines = (" ".join(line.split()) for line in re.split(r"[\n;]", self.cleaned_data["flags"]))
        flags = list(dict.fromkeys(filter(None, lines)))
        if not flags:
            raise forms.ValidationError(_("Give at least one reason."))
        if len(flags) > MOST_FLAGS:
            raise forms.ValidationError(_("Give at most {most} reasons.").format(most=MOST_FLAGS))
        if any(len(flag) > LONGEST_FLAG for flag in flags):
            sentence = _("Keep each reason under {most} characters.")
            raise forms.ValidationError(sentence.format(most=LONGEST_FLAG))
        return flags


# By the action in the result of a run.
ENDINGS = {
    "publish": pgettext_lazy("content", "Published"),
    "remove": pgettext_lazy("content", "Removed"),
    "keep_hidden": pgettext_lazy("content", "Kept hidden"),
    "keep_visible": pgettext_lazy("content", "Kept visible"),
}


class ModerationSheet(Sheet):
    """Flagged content to be published or removed."""

    workflow = "moderation"
    label = Text(gettext_lazy("Flagged content"))
    heading = Text(gettext_lazy("New flagged content"))
    description = Text(gettext_lazy("Content that may have to go. Moderators answer it before anything else."))
    icon = "shield"
    form_class = ModerationForm
    stages = Texts({"moderation": gettext_lazy("Moderators")})
    finish = Text(gettext_lazy("Settled"))

    @override
    @classmethod
    def ending(cls, result: Any) -> str:
        """Return what happened to the content."""
        action = str(result.get("action")) if isinstance(result, Mapping) else ""
        return str(ENDINGS.get(action, cls.finish))

    @override
    def title(self) -> str:
        """Return e.g. ``Comment c-17 by ann``: English in every language, for the workflow is given it."""
        typed = str(self.typed.get("content_type"))
        kind = typed.capitalize() if typed in dict(TYPES) else "Content"
        name, author = self.typed.get("content_id") or "", self.typed.get("author") or ""
        return " ".join(filter(None, [kind, str(name), f"by {author}" if author else ""])) if name or author else ""

    @override
    @classmethod
    def likenesses(cls, typed: Mapping[str, Any]) -> dict[str, str]:
        """Return the content by its kind and ID, whatever it was flagged for."""
        return {mark_of(typed, "content_type", "content_id"): _("This content")}

    @override
    def filled(self) -> Filled:
        """Return the workflow's input. Content has a key of its own; who flags it may not decide it."""
        payload: dict[str, Any] = {**self.form.cleaned_data, "requester": self.viewer.username}
        return Filled(self.workflow, self.title(), payload)

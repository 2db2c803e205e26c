"""What a person fills in to start a run: the frame that every workflow's form shares."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.actions.submit import Filled
from approvals.models import Attachment
from approvals.policy import Viewer
from approvals.web.formats import in_sentence
from approvals.web.labels import Text, Texts


@dataclass(frozen=True)
class Problem:
    """Something wrong in a form; ``anchor`` is the id of the field, or empty for the whole."""

    anchor: str
    label: str
    message: str


@dataclass(frozen=True)
class Section:
    """A card of the page: its heading, a sentence below it, and its fields in rows."""

    title: str
    note: str
    rows: list[list[forms.BoundField]]


class SheetForm(forms.Form):
    """A form that knows who fills it in.

    ``sections`` lays it out: heading, sentence, and rows of field names; without any, each field has a row.
    """

    sections: ClassVar[Sequence[tuple[str | Promise, str | Promise, Sequence[Sequence[str]]]]] = ()

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        self.viewer = viewer
        super().__init__(*args, **kwargs)


class Sheet:
    """One workflow's form. ``typed`` is the form as typed, JSON values: what a draft keeps.

    A subclass names itself and its form, and turns valid input into ``Filled``; one with parts of its own (lines,
    files) extends the methods below.
    """

    # Templates are given the class, which they would otherwise call.
    do_not_call_in_templates: ClassVar[bool] = True

    workflow: ClassVar[str]
    label: ClassVar[Text]
    heading: ClassVar[Text] = Text("")
    """What stands above an empty form; without it, the label."""
    description: ClassVar[Text]
    icon: ClassVar[str] = "file"
    currency: ClassVar[str] = ""
    """The one currency of the workflow, where the form asks for none: its items name no other."""
    template: ClassVar[str] = "approvals/submit/page.html"
    form_class: ClassVar[type[SheetForm]]
    stages: ClassVar[Texts] = Texts({})
    """Stages that a run may pass, in order: the key in items, and what people call it."""
    stage_note: ClassVar[Text] = Text("")
    """What stands below a stage to come: when it is asked at all."""
    stage_notes: ClassVar[Texts] = Texts({})
    """The same for single stages, by their keys."""
    finish: ClassVar[Text] = Text(gettext_lazy("Finished"))
    """What the end of a run that went well is called."""
    alike_while_open: ClassVar[bool] = False
    """Whether ``likenesses`` count only while the run of the earlier one has not ended."""

    def __init__(self, viewer: Viewer, typed: Mapping[str, Any], files: Iterable[Attachment] = ()) -> None:
        self.viewer = viewer
        self.files = {str(file.id): file for file in files}
        self.typed: dict[str, Any] = dict(typed)
        self.problems: list[Problem] = []
        self.lay_out(checked=False)

    @classmethod
    def posted(cls, viewer: Viewer, post: QueryDict, files: Iterable[Attachment] = ()) -> Self:
        """Return the sheet as a browser sent it."""
        return cls(viewer, {name: post.get(name, "") for name in cls.form_class.base_fields}, files)

    @classmethod
    def ending(cls, result: Any) -> str:
        """Return what the end of a run that went well is called, by its result where that makes a difference."""
        return str(cls.finish)

    def lay_out(self, *, checked: bool) -> None:
        """Build the forms from what was typed; a checked one shows what is wrong with it."""
        self.form = self.form_class(self.viewer, self.typed if checked else None, initial=self.typed)

    @property
    def sections(self) -> list[Section]:
        """The cards that the page draws. A field that the form has left out leaves no gap."""
        plan = self.form_class.sections or [("", "", [[name] for name in self.form.fields])]
        return [Section(str(title), str(note), rows) for title, note, names in plan if (rows := self._rows(names))]

    def _rows(self, plan: Sequence[Sequence[str]]) -> list[list[forms.BoundField]]:
        rows = [[self.form[name] for name in names if name in self.form.fields] for names in plan]
        return [row for row in rows if row]

    @property
    def examples(self) -> list[tuple[str, str]]:
        """What fills the form in at one click: the button's value, and what it says. None outside the demo."""
        return []

    def check(self) -> bool:
        """Whether everything can be submitted; if not, ``problems`` says why."""
        self.lay_out(checked=True)
        self.problems += problems_of(self.form)
        return not self.problems

    def act(self, action: str) -> bool:
        """Do what a button inside the form asks for, such as adding a line; False when there is no such button."""
        return False

    def slot_of(self, field: str) -> int | None:
        """Return the place that a file field fills, or None when there is no such field."""
        return None

    def place(self, slot: int) -> Any:
        """Return what the template draws for a place."""
        return None

    def full(self, slot: int) -> str:
        """Return a sentence when the place takes no more files, else nothing."""
        return ""

    def receive(self, slot: int, file: Attachment) -> None:
        """Put a stored file in its place."""

    def refuse(self, slot: int, message: str) -> None:
        """Say in its place why a file was not taken."""

    def referenced(self) -> set[str]:
        """Return the ids of the files that the sheet names."""
        return set()

    def strange_files(self) -> set[str]:
        """Return the ids that the browser named and the draft does not hold."""
        return set()

    def title(self) -> str:
        """Return what lists and the workflow call it, in English; it need not be valid."""
        return str(self.typed.get("title") or self.typed.get("description") or "")

    @classmethod
    def shown(cls, typed: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was submitted as its page shows it."""
        return {key: value for key, value in typed.items() if value not in ("", [], None)}

    @classmethod
    def likenesses(cls, typed: Mapping[str, Any]) -> dict[str, str]:
        """Return what makes two submissions of this kind alike: a mark for each part, and what people call the part.

        The whole form word for word is always alike; that needs no mark.
        """
        return {}

    def filled(self) -> Filled:
        """Return the workflow's input. Call it after ``check`` said yes."""
        raise NotImplementedError


def mark_of(typed: Mapping[str, Any], *names: str) -> str:
    """Return these fields as one mark, in any case and spacing of letters; empty where all of them are."""
    said = [" ".join(str(typed.get(name) or "").split()).casefold() for name in names]
    return "|".join(said) if any(said) else ""


def problems_of(form: forms.Form, label: str = "") -> list[Problem]:
    """Return a form's faults in the order of its fields; ``label`` says which part of the sheet it is."""
    whole = [Problem("", label, str(message)) for message in form.non_field_errors()]
    return whole + [
        Problem(field.id_for_label, _called(field, label), str(message)) for field in form for message in field.errors
    ]


def _called(field: forms.BoundField, part: str) -> str:
    if not part:
        return str(field.label)
    return _("{part}, {field}").format(part=part, field=in_sentence(str(field.label)))

"""The form of an absence: who answers, from when until when, for what, and why."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from approvals.actions.away import LONGEST_REASON, WORKFLOWS, Plan
from approvals.models import Absence
from approvals.web.formats import words
from approvals.web.forms.fields import CleanCharField, Styled

UNREADABLE = gettext_lazy("Write day and time as year-month-day hours:minutes, such as 2026-12-24 18:00.")
NO_END = gettext_lazy("Say until when you are away: write day and time, such as 2026-12-24 18:00.")
NOBODY = gettext_lazy("Say who answers meanwhile: write a full name or a username.")
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]


class MomentField(forms.DateTimeField):
    """A day and a time in the zone of whoever types it, by the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        said = {"invalid": UNREADABLE, "required": NO_END}
        super().__init__(widget=picker, input_formats=FORMATS, error_messages=said, **kwargs)


class AbsenceForm(Styled, forms.Form):
    """What a person enters; the rules are the policy's, and its sentences are put to the fields."""

    starts_at = MomentField(label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Empty means now."))
    until = MomentField(label=gettext_lazy("Until"), help_text=gettext_lazy("From then on you answer alone again."))
    deputy = CleanCharField(
        label=gettext_lazy("Who answers meanwhile"),
        max_length=400,
        error_messages={"required": NOBODY},
        help_text=gettext_lazy("A full name or a username. People are offered while you type."),
    )
    workflows = forms.MultipleChoiceField(
        label=gettext_lazy("Only for"),
        required=False,
        choices=lambda: [(name, words(name)) for name in WORKFLOWS],
        widget=forms.CheckboxSelectMultiple,
    )
    reason = CleanCharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("Your deputy reads it."),
    )

    def __init__(self, data: Any = None, absence: Absence | None = None) -> None:
        initial = {}
        if absence is not None:
            initial = {
                "starts_at": absence.starts_at, "until": absence.until, "deputy": absence.deputy.username,
                "workflows": absence.only, "reason": absence.reason,
            }  # fmt: skip
        super().__init__(data, initial=initial)
        # No class of a line of text on boxes; a list of people below the name (htmx fills it).
        self.fields["workflows"].widget.attrs.pop("class", None)
        self.fields["deputy"].widget.attrs |= {
            "list": "deputies", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false",
        }  # fmt: skip

    @property
    def plan(self) -> Plan:
        """What was entered, once valid."""
        given = self.cleaned_data
        return Plan(given["deputy"], given["until"], given["starts_at"], tuple(given["workflows"]), given["reason"])

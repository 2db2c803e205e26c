"""The form of a policy: steps, deadline, and who may not answer, in fields that need no explanation."""

from typing import TYPE_CHECKING, Any, override

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.models import Policy, User
from approvals.models.terms import AtDeadline, Needed, PolicyTerms, Step
from approvals.policy.moments import minutes_of, typed_as
from approvals.policy.sanity import faults_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    Groups = forms.ModelMultipleChoiceField[Group]
else:
    Groups = forms.ModelMultipleChoiceField
MOST_STEPS = 4
LONGEST_HOURS = 24 * 366
USUAL, OWN, NONE = "usual", "own", "none"
REMINDS = [
    (USUAL, gettext_lazy("At the portal's usual times")),
    (OWN, gettext_lazy("At the times below")),
    (NONE, gettext_lazy("Not before the deadline")),
]
PARTS = ("title", "groups", "users", "manager", "needed", "count", "hours")


class GroupsField(Groups):
    """Groups to tick; the value is their names."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.CheckboxSelectMultiple()
        super().__init__(Group.objects.order_by("name"), required=False, widget=widget, to_field_name="name", **kwargs)

    @override
    def clean(self, value: Any) -> Any:
        """Return the names."""
        return tuple(sorted(group.name for group in super().clean(value)))


class PeopleField(forms.CharField):
    """Usernames, separated by commas; the value is those names as the accounts write them."""

    @override
    def clean(self, value: Any) -> Any:
        """Return the names. Raises ValidationError for one that nobody has."""
        typed = [name.strip() for name in (super().clean(value) or "").replace("\n", ",").split(",") if name.strip()]
        people = {
            name.casefold(): name for name in User.objects.filter(is_active=True).values_list("username", flat=True)
        }
        unknown = [name for name in typed if name.casefold() not in people]
        if unknown:
            sentence = _("No active account is called {names}. Write usernames.")
            raise forms.ValidationError(sentence.format(names=", ".join(unknown)))
        return tuple(dict.fromkeys(people[name.casefold()] for name in typed))

    @override
    def prepare_value(self, value: Any) -> Any:
        """Show the names with commas."""
        return ", ".join(value) if isinstance(value, tuple | list) else value


class MomentsField(forms.CharField):
    """Times before or after a deadline, as ``1d, 4h, 30m``; the value is minutes."""

    @override
    def clean(self, value: Any) -> Any:
        """Return the minutes, the longest first. Raises ValidationError for what is no time."""
        try:
            return tuple(minutes_of(super().clean(value) or ""))
        except ValueError as fault:
            raise forms.ValidationError(str(fault)) from fault


def _hours(label: "StrOrPromise", help_text: "StrOrPromise") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=LONGEST_HOURS, help_text=help_text,
        error_messages={"min_value": gettext_lazy("A deadline lies ahead: write 1 hour or more.")},
    )  # fmt: skip


def _people(label: "StrOrPromise") -> PeopleField:
    return PeopleField(label=label, required=False, help_text=gettext_lazy("Usernames, separated by commas."))


def _fields_of(number: int) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {
        "title": forms.CharField(
            label=pgettext_lazy("step", "Called"),
            required=False,
            max_length=60,
            help_text=gettext_lazy("E.g. Finance."),
        ),
        "groups": GroupsField(label=gettext_lazy("Groups")),
        "users": _people(gettext_lazy("People")),
        "manager": forms.BooleanField(
            label=gettext_lazy("The requester's manager, as their account says"), required=False
        ),
        "needed": forms.ChoiceField(label=gettext_lazy("Who must agree"), choices=Needed.choices, initial=Needed.ANY),
        "count": forms.IntegerField(
            label=gettext_lazy("How many"),
            required=False,
            min_value=1,
            max_value=100,
            help_text=gettext_lazy("For “so many of them”."),
        ),
        "hours": _hours(
            gettext_lazy("Its time, in hours"),
            gettext_lazy("From the moment it begins. Empty: until the workflow's own deadline."),
        ),
    }
    return {f"step{number}_{name}": field for name, field in fields.items()}


class PolicyFormBase(forms.ModelForm):  # type: ignore[type-arg] # Django takes no parameter here
    """Reads the newest version into fields, and the fields into terms."""

    based_on = forms.IntegerField(label=gettext_lazy("Based on"), widget=forms.HiddenInput, required=False, initial=0)
    bars_earlier = forms.BooleanField(
        label=gettext_lazy("Nobody who answered an earlier stage of the run may answer"), required=False
    )
    at_deadline = forms.ChoiceField(
        label=pgettext_lazy("when a step's time is over", "Then"), choices=AtDeadline.choices, initial=AtDeadline.REMIND
    )
    escalate_groups = GroupsField(
        label=gettext_lazy("Groups to ask"),
        help_text=gettext_lazy(
            "Only people whom the workflow asks too: a policy adds nobody. To ask others in the end, let the workflow "
            "ask them."
        ),
    )
    escalate_users = _people(gettext_lazy("People to ask"))
    escalate_hours = _hours(
        gettext_lazy("Their time, in hours"), gettext_lazy("Empty: until the workflow's own deadline.")
    )
    default_option = forms.CharField(
        label=gettext_lazy("Safe answer"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("As the workflow calls it, e.g. rejected. Never a yes."),
    )

    reminds = forms.ChoiceField(label=gettext_lazy("Who is asked is reminded"), choices=REMINDS, initial=USUAL)
    remind_before = MomentsField(
        label=gettext_lazy("Before the deadline"), required=False, max_length=100,
        help_text=gettext_lazy("Days, hours or minutes before a step's time is over, such as 1d, 4h, 30m."),
    )  # fmt: skip
    remind_after = MomentsField(
        label=gettext_lazy("After the deadline"), required=False, max_length=100,
        help_text=gettext_lazy(
            "Only for a step with a time of its own that stays open. On the deadline itself its people are reminded "
            "anyway."
        ),
    )  # fmt: skip

    class Meta:
        model = Policy
        fields = ["name", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = self.instance.newest if self.instance.pk else None
        if newest is not None:
            self.initial.update(based_on=newest.number, **_typed(newest.terms))

    @override
    def clean(self) -> dict[str, Any]:
        """Put the terms together and refuse what nobody could satisfy."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        if not (self._steps_filled(data) and self._counts_said(data) and self._reminders_fit(data)):
            return data
        policy = self.instance
        if policy.pk and (number := Policy.objects.get(pk=policy.pk).number) != (data["based_on"] or 0):
            sentence = _("Somebody made version {number} meanwhile. Open the policy again and look.")
            self.add_error(None, sentence.format(number=number))
            return data
        for fault in faults_of(self.terms(data), policy.rules.filter(active=True) if policy.pk else ()):
            self.add_error(None, fault)
        return data

    def _steps_filled(self, data: dict[str, Any]) -> bool:
        """Whether the steps follow each other, and nothing is typed into one that asks nobody; else say so there."""
        filled = [number for number in range(1, MOST_STEPS + 1) if _is_filled(data, number)]
        for before, number in enumerate(filled, start=1):
            if number != before:
                said = _(
                    "Step {earlier} is empty, and steps begin one after the other: fill it in, or move this there."
                )
                self.add_error(f"step{number}_groups", said.format(earlier=before))
                break
        for number in range(1, MOST_STEPS + 1):
            typed = [name for name in ("count", "hours") if data[f"step{number}_{name}"]]
            if number not in filled and typed:
                said = _("Say whom step {number} asks, or take this away.")
                self.add_error(f"step{number}_{typed[0]}", said.format(number=number))
        return not self.errors

    def _counts_said(self, data: dict[str, Any]) -> bool:
        """Whether each step that asks for so many says how many, and no other does; where not, say so at the field."""
        for number in range(1, MOST_STEPS + 1):
            count, is_counted = f"step{number}_count", data[f"step{number}_needed"] == Needed.COUNT
            if is_counted and _is_filled(data, number) and not data[count]:
                self.add_error(count, _("Say how many."))
            elif data[count] and not is_counted:
                said = _("A number goes with “{so_many}”: choose that above, or take the number away.")
                self.add_error(count, said.format(so_many=Needed.COUNT.label))
        return not self.errors

    def _reminders_fit(self, data: dict[str, Any]) -> bool:
        """Whether the choice and the times go together; where they do not, say so at the field."""
        typed = [name for name in ("remind_before", "remind_after") if data[name]]
        if data["reminds"] == OWN and not typed:
            said = _("Write at least one time, such as 1d, or choose when else people are reminded.")
            self.add_error("remind_before", said)
        elif data["reminds"] != OWN and typed:
            self.add_error(typed[0], _("For these times choose “At the times below”, or take them away."))
        return not self.errors

    def terms(self, data: dict[str, Any]) -> PolicyTerms:
        """Return what the fields say; a step in which nothing is filled in is none."""
        steps: list[Step] = []
        for number in range(1, MOST_STEPS + 1):
            part: dict[str, Any] = {name: data.get(f"step{number}_{name}") for name in PARTS}
            if not _is_filled(data, number):
                continue
            steps.append(
                Step(
                    # Kept with the policy, which has one language.
                    title=part["title"] or f"Step {len(steps) + 1}",
                    groups=part["groups"],
                    users=part["users"],
                    manager=bool(part["manager"]),
                    needed=Needed(part["needed"]),
                    count=part["count"] or 1,
                    hours=part["hours"],
                )
            )
        return PolicyTerms(
            steps=tuple(steps),
            bars_earlier=data["bars_earlier"],
            at_deadline=AtDeadline(data["at_deadline"]),
            escalate_groups=data["escalate_groups"],
            escalate_users=data["escalate_users"],
            escalate_hours=data["escalate_hours"],
            default_option=data["default_option"].strip(),
            remind=_remind(data),
        )


def _is_filled(data: dict[str, Any], number: int) -> bool:
    return any(data.get(f"step{number}_{name}") for name in ("title", "groups", "users", "manager"))


def _remind(data: dict[str, Any]) -> tuple[int, ...] | None:
    if data["reminds"] == USUAL:
        return None
    return (*(-one for one in data["remind_before"]), *reversed(data["remind_after"]))


def _typed(terms: PolicyTerms) -> dict[str, Any]:
    values: dict[str, Any] = {
        "bars_earlier": terms.bars_earlier,
        "at_deadline": terms.at_deadline,
        "escalate_groups": list(terms.escalate_groups),
        "escalate_users": terms.escalate_users,
        "escalate_hours": terms.escalate_hours,
        "default_option": terms.default_option,
        "reminds": USUAL if terms.remind is None else OWN if terms.remind else NONE,
        "remind_before": typed_as(one for one in terms.remind or () if one < 0),
        "remind_after": typed_as(one for one in terms.remind or () if one > 0),
    }
    for number, step in enumerate(terms.steps, start=1):
        values |= {f"step{number}_{name}": getattr(step, name) for name in PARTS}
        values[f"step{number}_groups"] = list(step.groups)
        if step.needed != Needed.COUNT:
            values[f"step{number}_count"] = None
    return values


_STEPS = {name: field for number in range(1, MOST_STEPS + 1) for name, field in _fields_of(number).items()}
PolicyForm: type[PolicyFormBase] = type("PolicyForm", (PolicyFormBase,), _STEPS)

"""Who is away, and who answers for them. Admins enter and end it for others; auditors read."""

from typing import Any, override

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.actions.away import LONGEST_REASON, WORKFLOWS, Plan, change_absence, end_absence, set_absence
from approvals.actions.errors import ActionError
from approvals.admin.policies import Edited
from approvals.admin.shown import events_address, exact
from approvals.admin.site import site
from approvals.admin.view import known_viewer
from approvals.models import Absence, User
from approvals.models.people import one_for_another
from approvals.policy.away import clashes_of_absence, faults_of_absence

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]
STATES = {
    "coming": gettext_lazy("to come"),
    "running": gettext_lazy("running"),
    "over": gettext_lazy("over"),
    "ended": gettext_lazy("ended early"),
    "withdrawn": gettext_lazy("taken back"),
}
SAID = ("person", "deputy", "begin", "end", "only_", "reason", "state_", "entered")


class MomentField(forms.DateTimeField):
    """A day and a time in the admin's zone."""

    def __init__(self, **kwargs: Any) -> None:
        picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=picker, input_formats=FORMATS, **kwargs)


class AbsenceForm(forms.ModelForm):  # type: ignore[type-arg] # Django takes no parameter here
    """What an admin enters; the policy says what stands against it."""

    person = forms.CharField(label=gettext_lazy("Who is away"), max_length=150, help_text=gettext_lazy("A username."))
    deputy = forms.CharField(label=gettext_lazy("Who answers"), max_length=150, help_text=gettext_lazy("A username."))
    starts_at = MomentField(
        label=gettext_lazy("From"), required=False, help_text=gettext_lazy("In your time zone. Empty means now.")
    )
    until = MomentField(label=gettext_lazy("Until"), help_text=gettext_lazy("In your time zone."))
    only = forms.MultipleChoiceField(
        label=gettext_lazy("Only for"),
        required=False,
        choices=[(name, name) for name in WORKFLOWS],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen means every workflow."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=LONGEST_REASON)

    class Meta:
        model = Absence
        fields = ["person", "deputy", "starts_at", "until", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            for name in ("person", "deputy"):
                self.initial[name] = getattr(self.instance, name).username
            self.initial["only"] = self.instance.only
            self.fields["person"].disabled = True

    def clean_person(self) -> User:
        """Return whose username it is."""
        return _called(self.cleaned_data["person"])

    def clean_deputy(self) -> User:
        """Return whose username it is."""
        return _called(self.cleaned_data["deputy"])

    @override
    def clean(self) -> dict[str, Any]:
        """Put the policy's sentences to the fields."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["starts_at"] = data.get("starts_at") or timezone.now()
        if self.errors:
            return data
        wanted = Absence(pk=self.instance.pk, **{name: data[name] for name in self.Meta.fields})
        wanted.only = data["only"]
        for fault in [*faults_of_absence(wanted, WORKFLOWS, timezone.now())] or clashes_of_absence(wanted):
            self.add_error("only" if fault.field == "workflows" else fault.field, fault.sentence)
        return data

    @property
    def plan(self) -> Plan:
        """What was entered, once valid."""
        data = self.cleaned_data
        return Plan(data["deputy"].username, data["until"], data["starts_at"], tuple(data["only"]), data["reason"])


def _called(username: str) -> User:
    found = User.objects.filter(username__iexact=username.strip()).first()
    if found is None:
        raise forms.ValidationError(_("Nobody here is called {name}. Write a username.").format(name=username))
    return found


class EndForm(forms.ModelForm):  # type: ignore[type-arg] # Django takes no parameter here
    """One that has begun can only be ended."""

    end_now = forms.BooleanField(
        label=gettext_lazy("End it now"), required=False, help_text=gettext_lazy("Both are told.")
    )

    class Meta:
        model = Absence
        fields: tuple[str, ...] = ()


@admin.register(Absence, site=site)
class AbsenceAdmin(Edited):
    """Absences, newest first. What has begun is ended, what is to come is changed, what is over stays."""

    form = AbsenceForm
    list_display = ("called", "person", "deputy", "begin", "end", "state_")
    list_select_related = ("person", "deputy", "created_by")
    ordering = ("-starts_at", "-id")
    equals = ("person__username", "deputy__username")
    search_help_text = gettext_lazy("The username of whoever is away, or of the deputy.")

    @override
    def get_form(self, request: HttpRequest, obj: Absence | None = None, change: bool = False, **kwargs: Any) -> Any:
        """A form that fits how far it has come."""
        if self._is_editable(request, obj):
            return super().get_form(request, obj, change, **kwargs)
        return super().get_form(request, obj, change, **{**kwargs, "form": EndForm, "fields": ("end_now",)})

    @override
    def get_fields(self, request: HttpRequest, obj: Absence | None = None) -> Any:
        """What is entered, or what it says."""
        if self._is_editable(request, obj):
            return ("person", "deputy", "starts_at", "until", "only", "reason")
        return (*SAID, "end_now") if self.has_change_permission(request, obj) else SAID

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Absence | None = None) -> Any:
        """What has begun stays as it was entered."""
        return () if self._is_editable(request, obj) else SAID

    def _is_editable(self, request: HttpRequest, obj: Absence | None) -> bool:
        if obj is None:
            return True
        return obj.state(timezone.now()) == "coming" and self.has_change_permission(request, obj)

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins, until it is over."""
        is_open = obj is None or obj.state(timezone.now()) in {"running", "coming"}
        return is_open and super().has_change_permission(request, obj)

    @override
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the lines about whoever is away: the record keeps it with the person."""
        absence = get_object_or_404(Absence.objects.select_related("person"), pk=object_id)
        if not self.has_view_permission(request, absence):
            raise PermissionDenied
        return HttpResponseRedirect(events_address(absence.person))

    @override
    def save_model(self, request: HttpRequest, obj: Absence, form: Any, change: bool) -> None:
        """Do it by the portal's own action, which records and tells it."""
        viewer = known_viewer(request)
        try:
            if isinstance(form, EndForm):
                if form.cleaned_data["end_now"]:
                    end_absence(viewer, obj)
            elif change:
                change_absence(viewer, obj, form.plan)
            else:
                obj.pk = set_absence(viewer, form.cleaned_data["person"], form.plan).pk
        except ActionError as fault:
            # Between the form's check and this one somebody was faster.
            messages.error(request, str(fault))

    @admin.display(description=Absence._meta.verbose_name)
    def called(self, absence: Absence) -> str:
        """Both by their full names; its own text is the record's, with usernames."""
        return one_for_another(absence.deputy, absence.person)

    @admin.display(description=gettext_lazy("from"))
    def begin(self, absence: Absence) -> str:
        """To the second."""
        return exact(absence.starts_at)

    @admin.display(description=gettext_lazy("until"))
    def end(self, absence: Absence) -> str:
        """To the second; when it was ended early, that moment."""
        return exact(absence.ended_at or absence.until)

    @admin.display(description=gettext_lazy("for"))
    def only_(self, absence: Absence) -> str:
        """The workflows."""
        return ", ".join(absence.only) or _("every workflow")

    @admin.display(description=gettext_lazy("state"))
    def state_(self, absence: Absence) -> str:
        """How far it has come."""
        return str(STATES[absence.state(timezone.now())])

    @admin.display(description=gettext_lazy("entered by"))
    def entered(self, absence: Absence) -> str:
        """Who, and when."""
        return f"{absence.created_by.username}, {exact(absence.created_at)}"

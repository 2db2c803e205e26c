"""Policies, their versions, and the rules that pick one. Admins edit; auditors read."""

from decimal import Decimal
from typing import Any, ClassVar, override

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.actions.errors import ActionError
from approvals.actions.policies import save_policy, save_rule
from approvals.actions.refs import PREFIXES
from approvals.admin.accounts import AdminsOnly
from approvals.admin.base import RecordAdmin, RecordInline
from approvals.admin.offering import Offering
from approvals.admin.policy_form import MOST_STEPS, PARTS, PolicyForm
from approvals.admin.shown import NOTHING, exact, links_to
from approvals.admin.site import site
from approvals.admin.view import known_viewer, viewer_of
from approvals.models import ApprovalRequest, Policy, PolicyRule, PolicyVersion
from approvals.models.currencies import digits_of
from approvals.models.stages import CATEGORIES, categories_offered, stages_of, stages_offered
from approvals.models.text import revealed
from approvals.policy import may_audit
from approvals.policy.doubts import doubts_of
from approvals.policy.sanity import faults_of
from approvals.policy.wording import terms_words

STEPS: Any = tuple(
    (
        format_lazy(gettext_lazy("Step {number}"), number=number),
        {"fields": tuple(f"step{number}_{part}" for part in PARTS)},
    )
    for number in range(1, MOST_STEPS + 1)
)


def _folded(request: HttpRequest, obj: Policy | None, name: Any, options: Any) -> Any:
    """Fold up a step in which nothing is filled in; the first stays open."""
    number = next((at for at, (step, _options) in enumerate(STEPS[1:], start=2) if step is name), None)
    newest = obj.newest if obj else None
    filled = len(newest.terms.steps) if newest else 1
    typed = any(
        request.POST.get(f"step{number}_{part}") for part in ("title", "groups", "users", "manager", "count", "hours")
    )
    return (name, {**options, "classes": ["collapse"]} if number and number > filled and not typed else options)


def in_words(version: PolicyVersion | None) -> SafeString | str:
    """Return what a version says, a sentence a line."""
    lines = terms_words(version.terms) if version else []
    return format_html_join("", "{}<br>", ([revealed(line)] for line in lines)) or NOTHING


def _doubts_of(policy: Policy | None) -> SafeString:
    """Return what is to be known of the newest version, a sentence a line; empty where there is nothing."""
    newest = policy.newest if policy else None
    doubts = doubts_of(newest.terms, policy.rules.filter(active=True)) if policy and newest else ()
    return format_html_join("", "{}<br>", ([doubt] for doubt in doubts))


class Edited(AdminsOnly):
    """Admins add and change, auditors look; nothing is deleted, for requests and the record refer to it."""

    @override
    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show it to whoever may look."""
        return self.has_view_permission(request)

    @override
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the policy."""
        viewer = viewer_of(request)
        return viewer is not None and bool(may_audit(viewer))

    @override
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The action has recorded it."""

    @override
    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The action has recorded it."""


class Versions(RecordInline):
    """Every version, newest first."""

    model = PolicyVersion
    verbose_name_plural = gettext_lazy("versions")
    fields = readonly_fields = ("number", "says", "made_by", "made_at")

    @admin.display(description=pgettext_lazy("column", "what it says"))
    def says(self, version: PolicyVersion) -> SafeString | str:
        """Its terms in words."""
        return in_words(version)


@admin.register(Policy, site=site)
class PolicyAdmin(Edited):
    """Each edit makes a version; open requests keep theirs."""

    form = PolicyForm
    list_display = ("name", "number", "summary", "used_by")
    ordering = ("name",)
    begins = ("name",)
    search_help_text = gettext_lazy("A name or its beginning.")
    inlines = (Versions,)
    fieldsets = (
        (None, {"fields": ("name", "description", "based_on")}),
        *STEPS,
        (
            gettext_lazy("When a step's time is over"),
            {"fields": ("at_deadline", "escalate_groups", "escalate_users", "escalate_hours", "default_option")},
        ),
        (gettext_lazy("Reminders"), {"fields": ("reminds", "remind_before", "remind_after")}),
        (gettext_lazy("Who may not answer"), {"fields": ("bars_earlier",)}),
    )

    @override
    def get_fieldsets(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        """Show the terms in words to those who only read; to everybody, whose requests the policy leaves unanswered."""
        doubt = {"description": doubted} if (doubted := _doubts_of(obj)) else {}
        if self.has_change_permission(request, obj):
            (name, options), *others = self.fieldsets
            return [(name, {**options, **doubt}), *(_folded(request, obj, *other) for other in others)]
        return ((None, {"fields": ("name", "description", "summary", "used_by"), **doubt}),)

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        """What is only shown."""
        return ("summary", "used_by") if not self.has_change_permission(request, obj) else ()

    @override
    def get_inlines(self, request: HttpRequest, obj: Policy | None) -> Any:
        """A new policy has no versions."""
        return self.inlines if obj else ()

    @override
    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        """Make the next version."""
        data = form.cleaned_data
        try:
            save_policy(known_viewer(request), obj, form.terms(data), data["based_on"] or 0)
        except ActionError as fault:
            # Between the form's check and this one somebody was faster.
            messages.error(request, str(fault))
            return
        for doubt in doubts_of(form.terms(data), obj.rules.filter(active=True)):
            messages.warning(request, doubt)

    @admin.display(description=pgettext_lazy("column", "what it says now"))
    def summary(self, policy: Policy) -> SafeString | str:
        """The newest version in words."""
        return in_words(policy.newest)

    @admin.display(description=pgettext_lazy("column", "used for"))
    def used_by(self, policy: Policy) -> SafeString | str:
        """The rules that pick it."""
        return links_to(policy.rules.filter(active=True)) if policy.pk else NOTHING


@admin.register(PolicyVersion, site=site)
class VersionAdmin(RecordAdmin):
    """One version, as it was made."""

    list_display = ("__str__", "made_by", "when")
    list_select_related = ("policy", "made_by")
    ordering = ("-made_at", "-id")
    fields = readonly_fields = ("policy", "number", "says", "made_by", "when")

    @override
    def has_module_permission(self, request: HttpRequest) -> bool:
        """It is reached from its policy."""
        return False

    @admin.display(description=pgettext_lazy("column", "what it says"))
    def says(self, version: PolicyVersion) -> SafeString | str:
        """Its terms in words."""
        return in_words(version)

    @admin.display(description=pgettext_lazy("column", "made at"))
    def when(self, version: PolicyVersion) -> str:
        """To the second."""
        return exact(version.made_at)


class RuleForm(forms.ModelForm):  # type: ignore[type-arg] # Django takes no parameter here
    """A rule; what it leaves empty fits everything."""

    workflow = forms.ChoiceField(
        label=gettext_lazy("Workflow"),
        choices=[("", gettext_lazy("Every workflow")), *((name, name) for name in PREFIXES)],
        required=False,
    )

    class Meta:
        model = PolicyRule
        fields = [
            *("policy", "priority", "active", "workflow", "stage"),
            *("amount_from", "amount_below", "currency", "category", "department"),
        ]
        widgets: ClassVar = {"stage": Offering(stages_offered()), "category": Offering(categories_offered())}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("amount_from", "amount_below"):
            if (amount := self.initial.get(name)) is not None:
                # Without the noughts that the database keeps behind it.
                self.initial[name] = Decimal(f"{amount.normalize():f}")

    def clean_currency(self) -> str:
        """Take it in capitals, and only one that there is: no request would ever have another."""
        typed: str = self.cleaned_data["currency"].upper()
        if typed and typed not in digits_of() and not ApprovalRequest.objects.filter(currency=typed).exists():
            sentence = _("There is no currency {currency}. Write its code, such as EUR.")
            raise ValidationError(sentence.format(currency=typed))
        return typed

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse what fits nothing, and a policy that nobody could satisfy where the rule would use it."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        least, below = data.get("amount_from"), data.get("amount_below")
        if least is not None and below is not None and least >= below:
            self.add_error("amount_below", _("This must be more than the amount from which the rule fits."))
        if (least is not None or below is not None) and data.get("currency") == "":
            self.add_error("currency", _("Say in which currency the amounts are."))
        self._names_fit(data)
        if self.errors:
            return data
        rule = PolicyRule(**{name: data[name] for name in self.Meta.fields})
        version = rule.policy.newest
        for fault in faults_of(version.terms, [rule]) if version and rule.active else ():
            self.add_error("policy", ValidationError(fault))
        return data

    def _names_fit(self, data: dict[str, Any]) -> None:
        """Refuse a stage, or a category where they are fixed, that the workflow does not have: it would fit nothing."""
        workflow, stage, category = (data.get(name) or "" for name in ("workflow", "stage", "category"))
        if stage and data.get("active") and stage not in (stages := stages_of(workflow)):
            said = (
                _("The workflow {workflow} has no stage {stage}. It has: {stages}.")
                if workflow
                else _("No workflow has a stage {stage}. There are: {stages}.")
            )
            self.add_error(
                "stage", said.format(workflow=workflow, stage=revealed(stage), stages=", ".join(stages) or NOTHING)
            )
        fixed = CATEGORIES.get(workflow)
        if category and fixed and data.get("active") and category.casefold() not in fixed:
            said = _("The workflow {workflow} has no category {category}. It has: {categories}.")
            found = said.format(workflow=workflow, category=revealed(category), categories=", ".join(fixed))
            self.add_error("category", found)


@admin.register(PolicyRule, site=site)
class RuleAdmin(Edited):
    """Which requests a policy is for."""

    form = RuleForm
    list_display = ("priority", "fits_", "policy", "active")
    list_display_links = ("fits_",)
    list_select_related = ("policy",)
    ordering = ("priority", "id")
    fieldsets = (
        (None, {"fields": ("policy", "priority", "active")}),
        (
            gettext_lazy("Fits requests of"),
            {"fields": ("workflow", "stage", "currency", "amount_from", "amount_below", "category", "department")},
        ),
    )

    @override
    def save_model(self, request: HttpRequest, obj: PolicyRule, form: Any, change: bool) -> None:
        """Store it, on the record."""
        try:
            save_rule(known_viewer(request), obj, form.changed_data)
        except ActionError as fault:
            messages.error(request, str(fault))
            return
        version = obj.policy.newest
        for doubt in doubts_of(version.terms, [obj]) if version and obj.active else ():
            messages.warning(request, doubt)

    @admin.display(description=pgettext_lazy("column", "fits"))
    def fits_(self, rule: PolicyRule) -> str:
        """In words."""
        return rule.wording

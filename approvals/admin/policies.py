"""Policies, their versions, and the rules that pick one. Admins edit; auditors read."""

from typing import Any, override

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.actions.errors import ActionError
from approvals.actions.policies import save_policy, save_rule
from approvals.admin.accounts import AdminsOnly
from approvals.admin.base import RecordAdmin, RecordInline
from approvals.admin.policy_form import MOST_STEPS, PARTS, PolicyForm
from approvals.admin.rule_form import RuleForm
from approvals.admin.shown import NOTHING, exact, links_to
from approvals.admin.site import site
from approvals.admin.view import known_viewer, viewer_of
from approvals.models import Policy, PolicyRule, PolicyVersion
from approvals.models.text import revealed
from approvals.policy import may_audit
from approvals.policy.doubts import doubts_of
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
    # Every step says how many of them, if only by the first choice.
    typed = any(request.POST.get(f"step{number}_{part}") for part in PARTS if part != "needed")
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

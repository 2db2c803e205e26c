"""Accounts and groups. Admins only; every change is a line of the record."""

from typing import TYPE_CHECKING, Any, override

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.admin.base import Listed
from approvals.admin.shown import NOTHING, links_to
from approvals.admin.site import site
from approvals.admin.view import known_viewer, viewer_of
from approvals.models import AuditEvent, User
from approvals.policy import may_administer, may_change_groups

if TYPE_CHECKING:
    Accounts = UserAdmin[User]
else:
    Accounts = UserAdmin
OWN = ("groups", "is_superuser", "is_active")


class AdminsOnly(Listed):
    """What only admins see and change; nothing is deleted, because the record names it."""

    def _allowed(self, request: HttpRequest) -> bool:
        viewer = viewer_of(request)
        return viewer is not None and bool(may_administer(viewer))

    @override
    def has_module_permission(self, request: HttpRequest) -> bool:
        """Ask the policy."""
        return self._allowed(request)

    @override
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the policy."""
        return self._allowed(request)

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask the policy."""
        return self._allowed(request)

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the policy."""
        return self._allowed(request)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: an account is made inactive instead."""
        return False

    @override
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Record a new thing."""
        return self._record(request, obj, "created", message)

    @override
    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Record a changed thing; the message names fields, never values."""
        return self._record(request, obj, "changed", message)

    def _record(self, request: HttpRequest, obj: Any, verb: str, message: Any) -> AuditEvent:
        fields = [name for part in message for name in part.get("changed", {}).get("fields", [])]
        summary = f"{verb}: {', '.join(fields)}" if fields else verb
        actor = known_viewer(request).actor
        return AuditEvent.objects.record(actor, f"{obj._meta.model_name}.{verb}", obj, summary, fields=fields)


@admin.register(User, site=site)
class AccountAdmin(AdminsOnly, Accounts):
    """People. A username never changes, for requests, policies and the record know people by it."""

    list_display = ("username", "first_name", "last_name", "email", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    ordering = ("username",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            gettext_lazy("Person"),
            {"fields": ("first_name", "last_name", "email", "time_zone", "department", "manager")},
        ),
        (gettext_lazy("Rights"), {"fields": ("is_active", "groups", "is_superuser")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    search_help_text = gettext_lazy("A username, name or e-mail address.")

    @override
    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Tick groups: they are few."""
        field = super().formfield_for_manytomany(db_field, request, **kwargs, widget=CheckboxSelectMultiple())
        if field is not None:
            field.help_text = ""
        return field

    @override
    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer managers by name; those who left are not among them."""
        if db_field.name == "manager":
            kwargs["queryset"] = User.objects.filter(is_active=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @override
    def get_search_fields(self, request: HttpRequest) -> Any:
        """Search as Django does: accounts are few."""
        return ("username", "first_name", "last_name", "email")

    @override
    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Search as Django does."""
        return Accounts.get_search_results(self, request, queryset, search_term)

    @override
    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the groups with the people."""
        return super().get_queryset(request).prefetch_related("groups")

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Dates are not typed, names stay, and nobody changes their own rights."""
        fixed = ["last_login", "date_joined"]
        if obj is None:
            return fixed
        viewer = known_viewer(request)
        fixed.append("username")
        if not may_change_groups(viewer, obj.username):
            fixed.extend(OWN)
        elif not viewer.user.is_superuser:
            fixed.append("is_superuser")
        return fixed

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins; the account of a superuser is for superusers alone."""
        if not self._allowed(request):
            return False
        return obj is None or not obj.is_superuser or known_viewer(request).user.is_superuser

    @override
    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the groups, and record who joined and left."""
        person = form.instance
        before = set(person.groups.values_list("name", flat=True))
        super().save_related(request, form, formsets, change)
        after = set(person.groups.values_list("name", flat=True))
        joined, left = sorted(after - before), sorted(before - after)
        if joined or left:
            summary = " ".join([*(f"+{name}" for name in joined), *(f"-{name}" for name in left)])
            actor = known_viewer(request).actor
            AuditEvent.objects.record(actor, "user.groups_changed", person, summary, joined=joined, left=left)

    @admin.display(description=pgettext_lazy("column", "groups"))
    def roles(self, person: User) -> str:
        """The groups by name."""
        return ", ".join(group.name for group in person.groups.all()) or NOTHING


@admin.register(Group, site=site)
class GroupAdmin(AdminsOnly):
    """Groups that policies name. Who is in one is set at the person."""

    ordering = ("name",)
    fields = ("name", "members")

    @override
    def get_search_fields(self, request: HttpRequest) -> Any:
        """Search by name."""
        return ("name",)

    @override
    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Search as Django does: groups are few."""
        return admin.ModelAdmin.get_search_results(self, request, queryset, search_term)

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        """A group that exists keeps its name: policies in running workflows know it by that."""
        return ("name", "members") if obj else ("members",)

    @admin.display(description=pgettext_lazy("column", "members"))
    def members(self, group: Group) -> str:
        """Links to those who are in it."""
        return links_to(User.objects.filter(groups=group).order_by("username")) if group.pk else NOTHING

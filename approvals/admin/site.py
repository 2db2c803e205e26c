"""The admin site: who gets in is asked of the policy, and signing in is the portal's own page."""

from typing import Any, cast, override

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.admin.shown import NOTHING
from approvals.admin.view import viewer_of
from approvals.admin.words import action_words, actor_words
from approvals.models import AuditEvent, Delivery, Pulse, Run
from approvals.models.mirror import RunStatus
from approvals.policy import may_audit
from approvals.policy.answerable import blocked_now, put_to_operators

SUBJECTS = (
    *("AuditEvent", "ApprovalRequest", "Decision", "Vote", "Comment"),
    *("Submission", "Run", "Delivery", "Letter", "Occasion", "Policy", "PolicyRule", "User", "Group", "Absence"),
)
LATEST = 12
STUCK_SHOWN = 20


class RecordSite(AdminSite):
    """Open to members of ``auditors`` and ``admins``; ``is_staff`` plays no part."""

    site_header = site_title = gettext_lazy("Record")
    index_title = gettext_lazy("The record")
    enable_nav_sidebar = False
    index_template = "approvals/admin/index.html"
    site_url = "/"
    empty_value_display = NOTHING

    @override
    def has_permission(self, request: HttpRequest) -> bool:
        """Ask the policy; group membership counts from the next request on."""
        viewer = viewer_of(request)
        return viewer is not None and bool(may_audit(viewer))

    @override
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send strangers to the portal's sign-in, let those in who may, and refuse the rest on the record."""
        wanted = LoginView().get_redirect_url(request) or reverse("admin:index", current_app=self.name)
        viewer = viewer_of(request)
        if viewer is None:
            return redirect_to_login(wanted, settings.LOGIN_URL)
        allowed = may_audit(viewer)
        if allowed:
            return HttpResponseRedirect(wanted)
        AuditEvent.objects.record(viewer.actor, "admin.refused", f"page:{wanted}", allowed.reason, why=allowed.code)
        raise PermissionDenied(allowed.reason)

    @override
    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Let the person change their password, on the record."""
        viewer = viewer_of(request)
        response: HttpResponse = super().password_change(request, extra_context)
        if viewer is not None and request.method == "POST" and isinstance(response, HttpResponseRedirect):
            AuditEvent.objects.record(viewer.actor, "user.password_changed", viewer.user, "own password")
        return cast("TemplateResponse", response)

    @override
    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the way to each subject."""
        return {**super().each_context(request), "subjects": self.subjects(request)}

    def subjects(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return name and address of each list that the person may open, and which of them they are in."""
        models = {each["object_name"]: each for app in self.get_app_list(request) for each in app["models"]}
        first = [name for name in SUBJECTS if name in models]
        start = reverse("admin:index", current_app=self.name)
        overview = {"name": _("Overview"), "address": start, "here": request.path == start}
        lists = [models[name] for name in [*first, *(name for name in models if name not in first)]]
        return [overview] + [
            {"name": each["name"], "address": each["admin_url"], "here": request.path.startswith(each["admin_url"])}
            for each in lists
        ]

    @override
    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Lead to the overview: the subjects are on every page."""
        return cast("TemplateResponse", HttpResponseRedirect(reverse("admin:index", current_app=self.name)))

    @override
    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what needs a person first, then the signs of life and the newest lines of the record."""
        failed = Run.objects.filter(status=RunStatus.FAILED).order_by("-created_at", "-id")
        now_needed = {
            "blocked": blocked_now(STUCK_SHOWN),
            "unsettled": put_to_operators(STUCK_SHOWN),
            "stuck": Delivery.objects.stuck().order_by("-created_at", "-id")[:STUCK_SHOWN],
            "failed": failed[:STUCK_SHOWN],
            "pulses": Pulse.objects.order_by("name"),
            "latest": [
                {"event": event, "words": action_words(event.action), "who": actor_words(event.actor)}
                for event in AuditEvent.objects.order_by("-at", "-id")[:LATEST]
            ],
        }
        return super().index(request, {**now_needed, **(extra_context or {})})


site = RecordSite(name="admin")

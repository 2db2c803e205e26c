"""Addresses of the portal."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from approvals.admin.site import site as record
from portal import health

urlpatterns = [
    path("healthz", login_not_required(health.healthz), name="healthz"),
    path("readyz", login_not_required(health.readyz), name="readyz"),
    path("admin/", record.urls),
    path("", include("approvals.web.urls")),
]

handler400 = "approvals.web.errors.bad_request"
handler403 = "approvals.web.errors.permission_denied"
handler404 = "approvals.web.errors.page_not_found"
handler500 = "approvals.web.errors.server_error"

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

"""Addresses of the pages."""

from django.urls import path
from django.views.generic import TemplateView

from approvals.web import queue, theme

urlpatterns = [
    path("", TemplateView.as_view(template_name="approvals/pages/home.html"), name="home"),
    path("theme/", theme.set_theme, name="theme"),
    path("queue/", queue.queue, name="queue"),
]

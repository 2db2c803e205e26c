"""Signing in and out."""

import math
import zoneinfo
from dataclasses import dataclass
from typing import Any, override

from axes.helpers import get_cool_off
from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from approvals.models import User
from approvals.web.forms.fields import Styled


@dataclass(frozen=True)
class DemoPerson:
    """One of the accounts that ``make demo`` sets up."""

    username: str
    does: str


DEMO_PEOPLE = (
    DemoPerson("requester", "submits expenses and follows them"),
    DemoPerson("approver", "decides as a manager"),
    DemoPerson("finance", "confirms the large ones"),
    DemoPerson("auditor", "sees everything, changes nothing"),
    DemoPerson("admin", "runs the portal, decides what escalates"),
)


class SignInForm(Styled, AuthenticationForm):
    """Name and password; the browser adds its time zone where it can."""

    error_messages = {
        "invalid_login": "The name or the password is not right. Capital letters matter in both.",
        "inactive": "This account is not active. Ask an admin.",
    }
    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_time_zone(self) -> str:
        """Drop a zone that this system does not know: it is only a hint."""
        named: str = self.cleaned_data["time_zone"]
        return named if named in zoneinfo.available_timezones() else ""


class SignIn(LoginView):
    """The sign-in page. The way back (``next``) must lie in this portal; Django's view sees to that."""

    form_class = SignInForm
    template_name = "approvals/pages/sign_in.html"
    redirect_authenticated_user = True

    @override
    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, and take the browser's time zone when the person has none yet."""
        answer = super().form_valid(form)
        user, zone = form.get_user(), form.cleaned_data["time_zone"]
        if isinstance(user, User) and zone and not user.time_zone:
            user.time_zone = zone
            user.save(update_fields=["time_zone"])
        return answer

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the people of the demo, in demo mode only."""
        return {**super().get_context_data(**kwargs), **demo_values()}


def demo_values() -> dict[str, Any]:
    """Return what the sign-in page of the demo shows besides; nothing outside the demo."""
    return {"demo_people": DEMO_PEOPLE, "demo_password": settings.DEMO_PASSWORD} if settings.DEMO else {}


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: Any = None) -> HttpResponse:
    """Say that too many attempts failed, and when to try again (AXES_LOCKOUT_CALLABLE)."""
    pause = get_cool_off(request)
    minutes = math.ceil(pause.total_seconds() / 60) if pause else 0
    answer = render(request, "approvals/pages/locked_out.html", {"minutes": minutes}, status=429)
    if minutes:
        answer.headers["Retry-After"] = str(minutes * 60)
    return answer

"""Signing in and out."""

import math
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, override
from urllib.parse import urlencode

from axes.helpers import get_cool_off
from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from approvals.models import User
from approvals.web.forms.fields import Styled
from approvals.web.language import chosen_in

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class DemoPerson:
    """One of the accounts that ``make demo`` sets up."""

    username: str
    does: "_StrPromise"


DEMO_PEOPLE = (
    DemoPerson("requester", gettext_lazy("submits expenses and follows them")),
    DemoPerson("approver", gettext_lazy("decides as a manager")),
    DemoPerson("finance", gettext_lazy("confirms the large ones")),
    DemoPerson("auditor", gettext_lazy("sees everything, changes nothing")),
    DemoPerson("admin", gettext_lazy("runs the portal, decides what escalates")),
)


class SignInForm(Styled, AuthenticationForm):
    """Name and password; the browser adds its time zone where it can."""

    error_messages = {
        "invalid_login": gettext_lazy("The name or the password is not right. Capital letters matter in both."),
        "inactive": gettext_lazy("This account is not active. Ask an admin."),
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
        """Sign in, and take the browser's time zone, and the language chosen in it, where the person has none yet."""
        answer = super().form_valid(form)
        user, zone, language = form.get_user(), form.cleaned_data["time_zone"], chosen_in(self.request)
        if isinstance(user, User):
            given = {"time_zone": zone, "language": language}
            new = [name for name, value in given.items() if value and not getattr(user, name)]
            for name in new:
                setattr(user, name, given[name])
            if new:
                user.save(update_fields=new)
        return answer

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where a change of the language leads, and the people of the demo, in demo mode only."""
        context = super().get_context_data(**kwargs)
        back = f"{reverse('login')}?{urlencode({'next': context['next']})}" if context.get("next") else reverse("login")
        return {**context, "here": back, **demo_values()}


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

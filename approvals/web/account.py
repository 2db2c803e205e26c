"""One's own account: name, time zone, language, password, sessions."""

import zoneinfo
from functools import cache
from typing import Any, override

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models import AuditEvent, User
from approvals.models.groups import group_words
from approvals.policy import Viewer
from approvals.web.forms.fields import CleanCharField, Styled
from approvals.web.language import keep_in_browser

# Aliases and fixed offsets that IANA keeps for old programs.
OLD_AREAS = ("Etc/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/", "SystemV/")


@cache
def zones() -> list[str]:
    """Return the time zones to choose from, by area and city."""
    named = (zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith(OLD_AREAS))
    return ["UTC", *sorted(named)]


class ProfileForm(Styled, forms.ModelForm):  # type: ignore[type-arg] # Django takes no parameter here
    """Name, time zone and language."""

    first_name = CleanCharField(label=gettext_lazy("First name"), max_length=150, required=False)
    last_name = CleanCharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    time_zone = CleanCharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("Type a city, such as Lisbon or Tokyo. Empty follows the portal."),
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("As the browser asks")), *settings.LANGUAGES],
        required=False,
        help_text=gettext_lazy("Of the pages, and of e-mail to you."),
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "time_zone", "language"]

    def clean_time_zone(self) -> str:
        """Take the zone, also by its city alone where that is clear."""
        typed: str = self.cleaned_data["time_zone"]
        if not typed or typed in zoneinfo.available_timezones():
            return typed
        city = typed.replace(" ", "_").casefold()
        meant = [zone for zone in zones() if zone.rpartition("/")[2].casefold() == city or zone.casefold() == city]
        if len(meant) != 1:
            raise forms.ValidationError(
                _("{typed} is not a time zone. Choose one of the list, such as Europe/Lisbon.").format(typed=typed)
            )
        return meant[0]


def proven(request: HttpRequest, person: User, password: str) -> str:
    """Return the password when it is the person's. Raises ValidationError.

    It is asked by the same door as at the sign-in, so that guessing is slowed and recorded here too.
    """
    if authenticate(request, username=person.username, password=password) != person:
        raise forms.ValidationError(_("This is not your current password."))
    return password


class PasswordForm(Styled, PasswordChangeForm):
    """Django's form, with the check of the current password above."""

    def __init__(self, user: User, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.person, self.request = user, request
        super().__init__(user, *args, **kwargs)
        # There are other forms on the page: none of them takes the focus by itself.
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["old_password"].label = _("Current password")
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password1"].help_text = _(
            "At least 10 characters; not a common password, and not like your name."
        )
        self.fields["new_password2"].label, self.fields["new_password2"].help_text = _("New password, once more"), ""

    @override
    def clean_old_password(self) -> str:
        """Check it."""
        return proven(self.request, self.person, self.cleaned_data["old_password"])


class EverywhereForm(Styled, forms.Form):
    """The password, to end every other session."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.person, self.request = user, request
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """Check it."""
        return proven(self.request, self.person, self.cleaned_data["password"])


def account(request: HttpRequest) -> HttpResponse:
    """Show the account and change it; each form on the page names itself in ``form``."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (nobody else gets here)
    sent = request.POST.get("form", "") if request.method == "POST" else ""
    # Forms of their own names, and a copy of the person: a refused name must not show in the page's frame.
    profile = ProfileForm(request.POST if sent == "profile" else None, instance=User.objects.get(pk=user.pk))
    password = PasswordForm(user, request, request.POST if sent == "password" else None, prefix="change")
    everywhere = EverywhereForm(user, request, request.POST if sent == "everywhere" else None, prefix="everywhere")
    done = {"profile": (profile, _rename), "password": (password, _new_password), "everywhere": (everywhere, _leave)}
    form, act = done.get(sent, (None, None))
    if form is not None and act is not None and form.is_valid():
        messages.success(request, act(request, form))
        answer = redirect("account")
        if "language" in form.changed_data:
            keep_in_browser(answer, form.cleaned_data["language"])
        return answer
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    groups = ", ".join(group_words(group) for group in sorted(viewer.groups))
    context = {"profile": profile, "password": password, "everywhere": everywhere, "zones": zones(), "groups": groups}
    return render(request, "approvals/pages/account.html", context, status=422 if sent else 200)


def _rename(request: HttpRequest, form: Any) -> str:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    before = {name: form.initial[name] for name in form.changed_data}
    user = form.save()
    after = {name: form.cleaned_data[name] for name in form.changed_data}
    if before:
        AuditEvent.objects.record(viewer.actor, "user.changed", user, str(user), before=before, after=after)
    # Read on the next page, which is in the language just chosen.
    with translation.override(user.language or translation.get_language()):
        return _("Saved.")


def _new_password(request: HttpRequest, form: Any) -> str:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    user = form.save()
    update_session_auth_hash(request, user)
    AuditEvent.objects.record(viewer.actor, "user.password_changed", user)
    return _("Your password is changed. Other browsers are signed out.")


def _leave(request: HttpRequest, form: Any) -> str:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    user = form.person
    # The same password with a new salt: sessions are bound to the stored hash, so every other one ends.
    user.set_password(form.cleaned_data["password"])
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    AuditEvent.objects.record(viewer.actor, "user.signed_out_everywhere", user)
    return _("Every other browser is signed out.")

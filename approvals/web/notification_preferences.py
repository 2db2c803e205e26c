"""What a person wants to be told: topics by place, the pace of e-mail, and quiet hours."""

from typing import Any, override

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from approvals.actions.choose_notifications import choose_notifications
from approvals.models import NotificationPreferences, Topic
from approvals.policy import Viewer, may_administer
from approvals.web.forms.fields import Styled
from approvals.web.middleware import PortalRequest

HINTS = {
    Topic.TURN: gettext_lazy("Also when a request escalates to you, or changes are wanted of you."),
    Topic.REMINDER: gettext_lazy("Only while you have not answered."),
    Topic.OVER: gettext_lazy(
        "Somebody else answered, or it was withdrawn. By e-mail only if you were written to before."
    ),
    Topic.OUTCOME: gettext_lazy("Each answer, and the end of the run."),
    Topic.COMMENT: gettext_lazy("On your requests, and where you answered, commented or are asked by name."),
    Topic.AWAY: gettext_lazy("When you are away, and when you answer for somebody who is."),
    Topic.OFFICE: gettext_lazy("A delivery, or a request that nothing closes behind its deadline."),
}
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class PreferencesForm(Styled, forms.Form):
    """The wishes. Each topic has two boxes, so that it can be had in the portal, by e-mail, both or not at all."""

    pace = forms.ChoiceField(choices=NotificationPreferences.Pace.choices, label=gettext_lazy("E-mail comes"))
    digest_hour = forms.TypedChoiceField(choices=HOURS, coerce=int, label=gettext_lazy("Hour of the daily e-mail"))
    quiet_from = forms.TimeField(
        label=gettext_lazy("No e-mail from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("No e-mail until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(self, viewer: Viewer, wishes: NotificationPreferences, data: Any = None) -> None:
        self.viewer, self.wishes = viewer, wishes
        names = ("pace", "digest_hour", "quiet_from", "quiet_until")
        super().__init__(data, initial={name: getattr(wishes, name) for name in names})

    @property
    def topics(self) -> list[dict[str, Any]]:
        """The rows of the table, as stored or as just sent."""
        rows = []
        for topic in self._offered():
            in_app, by_email = self.wishes.wants_in_app(topic), self.wishes.wants_by_email(topic)
            if self.is_bound:
                in_app, by_email = f"{topic}-app" in self.data, f"{topic}-email" in self.data
            rows.append({"topic": topic, "hint": HINTS[topic], "in_app": in_app, "by_email": by_email})
        return rows

    def _offered(self) -> list[Topic]:
        return [topic for topic in Topic if topic != Topic.OFFICE or may_administer(self.viewer)]

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse half of a pair, and quiet hours without end."""
        given = super().clean() or {}
        begin, end = given.get("quiet_from"), given.get("quiet_until")
        if not self.errors and (begin is None) != (end is None):
            missing = "quiet_until" if end is None else "quiet_from"
            self.add_error(missing, _("Quiet hours need a beginning and an end; clear both for none."))
        if begin is not None and begin == end:
            self.add_error("quiet_until", _("This would be no time at all, or all day. Choose another end."))
        return given

    def chosen(self) -> NotificationPreferences:
        """Return the wishes as sent. Topics that were not offered stay as they are."""
        offered = set(self._offered())
        not_in_app = [name for name in self.wishes.not_in_app if name not in offered]
        not_by_email = [name for name in self.wishes.not_by_email if name not in offered]
        not_in_app += [row["topic"].value for row in self.topics if not row["in_app"]]
        not_by_email += [row["topic"].value for row in self.topics if not row["by_email"]]
        return NotificationPreferences(
            person=self.viewer.user, not_in_app=not_in_app, not_by_email=not_by_email, **self.cleaned_data
        )


@never_cache
def preferences(request: PortalRequest) -> HttpResponse:
    """Show the wishes and take new ones."""
    wishes = NotificationPreferences.of(request.viewer.user)
    form = PreferencesForm(request.viewer, wishes, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        changed = choose_notifications(request.viewer, form.chosen())
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect("notification_preferences")
    context = {"form": form, "address": request.viewer.user.email, "sends_email": settings.SENDS_EMAIL}
    return render(request, "approvals/notifications/preferences.html", context, status=422 if form.is_bound else 200)

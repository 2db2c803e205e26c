"""Away: who answers for one meanwhile, and for whom one answers."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from approvals.actions.away import change_absence, end_absence, set_absence
from approvals.actions.errors import Invalid, Refused
from approvals.models import Absence, User
from approvals.models.names import beginning_with
from approvals.models.text import clean, one_line
from approvals.policy import Viewer
from approvals.policy.away import is_stranger, may_change_absence
from approvals.web.formats import exact, in_sentence, words
from approvals.web.forms.away import AbsenceForm
from approvals.web.middleware import PortalRequest

PAST, MOST_PEOPLE = 10, 8
# So much of a name is typed before people are listed.
LEAST_TYPED, LONGEST_NAME = 2, 60


@dataclass(frozen=True)
class Shown:
    """An absence as a page shows it."""

    absence: Absence
    state: str

    @property
    def label(self) -> str:
        """Its state in a word."""
        return {
            "coming": _("Coming"), "running": _("Now"), "over": _("Over"),
            "ended": _("Ended early"), "withdrawn": _("Taken back"),
        }[self.state]  # fmt: skip

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return {"running": "good", "coming": "info"}.get(self.state, "quiet")

    @property
    def is_open(self) -> bool:
        """Whether it holds, or will."""
        return self.state in {"running", "coming"}

    @property
    def for_what(self) -> str:
        """The workflows that it is for, in words; empty for all."""
        return ", ".join(in_sentence(words(name)) for name in self.absence.only)


@never_cache
def away(request: PortalRequest) -> HttpResponse:
    """Show one's absences and deputyships, and take a new absence."""
    form = AbsenceForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            done = set_absence(request.viewer, request.viewer.user, form.plan)
        except Invalid as fault:
            form.add_error(fault.field if fault.field in form.fields else None, str(fault))
        else:
            _tell(request, done)
            return redirect("away")
    return _page(request, form)


def _tell(request: PortalRequest, done: Absence) -> None:
    messages.success(request, _said(done))
    if is_stranger(done):
        sentence = _("{deputy} is in none of your groups; they answer for you all the same.")
        messages.warning(request, sentence.format(deputy=done.deputy))


def _said(done: Absence) -> str:
    told = {"deputy": done.deputy, "end": exact(done.until)}
    if done.starts_at <= timezone.now():
        return _("{deputy} answers for you until {end}. Both of you are told.").format(**told)
    told["begin"] = exact(done.starts_at)
    return _("{deputy} answers for you from {begin} until {end}. Both of you are told.").format(**told)


def _page(request: PortalRequest, form: AbsenceForm, changing: Absence | None = None) -> HttpResponse:
    user, now = request.viewer.user, timezone.now()
    rows = Absence.objects.filter(Q(person=user) | Q(deputy=user)).select_related("person", "deputy", "created_by")
    listed = [Shown(one, one.state(now)) for one in rows.order_by("-starts_at", "-id")[:200]]
    mine = [one for one in listed if one.absence.person_id == user.pk]
    context: dict[str, Any] = {
        "form": form,
        "changing": changing,
        "open": [one for one in reversed(mine) if one.is_open],
        "past": [one for one in mine if not one.is_open][:PAST],
        "standing_in": [one for one in reversed(listed) if one.is_open and one.absence.deputy_id == user.pk],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "approvals/away/page.html", context, status=status)


@never_cache
def change(request: PortalRequest, key: int) -> HttpResponse:
    """Change an absence of one's own that has not begun."""
    absence = _own(request.viewer, key)
    allowed = may_change_absence(request.viewer, absence)
    if not allowed:
        messages.error(request, allowed.reason)
        return redirect("away")
    form = AbsenceForm(request.POST if request.method == "POST" else None, absence)
    if form.is_bound and form.is_valid():
        try:
            done = change_absence(request.viewer, absence, form.plan)
        except Invalid as fault:
            form.add_error(fault.field if fault.field in form.fields else None, str(fault))
        except Refused as fault:
            messages.error(request, str(fault))
            return redirect("away")
        else:
            _tell(request, done)
            return redirect("away")
    return _page(request, form, absence)


@require_POST
@never_cache
def end(request: PortalRequest, key: int) -> HttpResponse:
    """End an absence of one's own, or take it back before it begins; go back to where it was asked for."""
    absence = _own(request.viewer, key)
    try:
        done = end_absence(request.viewer, absence)
    except Refused as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, _("{deputy} does not answer for you any more.").format(deputy=done.deputy))
    return redirect("home" if request.POST.get("back") == reverse("home") else "away")


def _own(viewer: Viewer, key: int) -> Absence:
    mine = Absence.objects.filter(person=viewer.user).select_related("person", "deputy")
    return get_object_or_404(mine, pk=key)


@require_safe
@never_cache
def people(request: PortalRequest) -> HttpResponse:
    """List active people by the beginning of any of their names, as options of the form's list."""
    begun = one_line(clean(request.GET.get("deputy", "")))[:LONGEST_NAME].strip()
    others = User.objects.filter(is_active=True).exclude(pk=request.viewer.user.pk)
    listed = list(beginning_with(others, begun)[:MOST_PEOPLE]) if len(begun) >= LEAST_TYPED else []
    return render(request, "approvals/away/people.html", {"people": listed})

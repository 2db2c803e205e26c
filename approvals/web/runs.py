"""The page of one run: where it stands, what happened and when, what it was given and what it gave back."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from approvals.models import ApprovalRequest, AuditEvent, Run, Submission, Timeline
from approvals.policy import Viewer, may_audit, may_view_run, may_view_submission
from approvals.timeline.keeping import refresh
from approvals.web.details import Outline
from approvals.web.endings import fault_for
from approvals.web.files import files_named_by
from approvals.web.formats import moment_of
from approvals.web.forms import currency_of
from approvals.web.labels import label
from approvals.web.middleware import PortalRequest
from approvals.web.names import names_of
from approvals.web.progress_notes import named_in, progress_words
from approvals.web.timeline import timeline_context


@require_safe
@never_cache
def run(request: PortalRequest, run_name: str) -> HttpResponse:
    """Show a run."""
    found = Run.objects.filter(run_name=run_name).first()
    if found is None:
        return not_yet(request, run_name)
    context = context_of(request.viewer, checked(request, found))
    timeline = Timeline.objects.filter(run_name=run_name).first()
    everything = request.GET.get("all") == "1"
    context |= timeline_context(request.viewer, found, context["requests"], timeline, everything=everything)
    return render(request, "approvals/run/page.html", context)


@require_safe
@never_cache
def run_live(request: PortalRequest, run_name: str) -> HttpResponse:
    """Send the run's part of the page, or nothing while it stands where it stood."""
    found = Run.objects.filter(run_name=run_name).first()
    if found is None:
        raise Http404
    context = context_of(request.viewer, checked(request, found))
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    # The timeline reads itself anew when it hears that the run has moved.
    return trigger_client_event(render(request, "approvals/run/live.html", context), "run-moved")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def run_timeline(request: PortalRequest, run_name: str) -> HttpResponse:
    """Send the timeline: read from AWS where the run has moved on, and by POST because somebody asked for it."""
    found = Run.objects.filter(run_name=run_name).first()
    if found is None:
        raise Http404
    checked(request, found)
    timeline = refresh(found, again=request.method == "POST")
    if not request.htmx:
        return redirect(reverse("run", args=[run_name]) + "#timeline")
    everything = request.GET.get("all") == "1"
    context = timeline_context(request.viewer, found, requests_of(found), timeline, everything=everything)
    is_read = request.method == "POST" and not context["trouble"]
    said = _("The timeline was read again.") if is_read else context["trouble"]
    return render(request, "approvals/run/timeline.html", {"run": found, "said": said, **context})


def not_yet(request: PortalRequest, run_name: str) -> HttpResponse:
    """Lead to the submission while the run has not reported; to anybody else there is no such run."""
    sent = Submission.objects.filter(run_name=run_name).first()
    if sent is None or not may_view_submission(request.viewer, sent):
        raise Http404
    return redirect("submission", sent.ref)


def checked(request: PortalRequest, found: Run) -> Run:
    """Return the run when the person may see it. Raises Http404 otherwise, on the record."""
    allowed = may_view_run(request.viewer, found)
    if not allowed:
        AuditEvent.objects.record(request.viewer.actor, "run.view_refused", found, allowed.reason, why=allowed.code)
        raise Http404
    return found


def context_of(viewer: Viewer, found: Run) -> dict[str, Any]:
    """Return what the page shows."""
    requests = requests_of(found)
    deciders = [str((one.decision or {}).get("decided_by") or "") for one in requests]
    lines = (str(line.get("message") or "") for line in found.progress if isinstance(line, dict))
    names = names_of([found.requester, *deciders, *(name for line in lines for name in named_in(line))])
    currency = str(found.input.get("currency") or "") or currency_of(found.workflow)
    files = [file for one in requests for file in one.attachments]
    in_full = bool(may_audit(viewer))
    return {
        "run": found,
        "requests": requests,
        "progress": progress_of(found, requests, in_full, names),
        "input": Outline(currency, files_named_by(files + files_in(found.input))).of(found.input)
        if found.input
        else None,
        "result": Outline(currency, []).of(found.result) if found.result else None,
        "fault": progress_words(fault_for(in_full, str((found.error or {}).get("message") or ""), requests), names),
        "sent": Submission.objects.filter(run_name=found.run_name).first(),
        "names": names,
        "seen": f"{found.version}-{sum(one.version for one in requests)}",
    }


def requests_of(found: Run) -> list[ApprovalRequest]:
    """Return what the run asked people, oldest first."""
    return list(ApprovalRequest.objects.filter(run_name=found.run_name).order_by("created_at", "id"))


def files_in(value: Any) -> list[Any]:
    """Return the references to files that stand in an input, wherever they stand."""
    if isinstance(value, dict):
        here = [value] if {"id", "name", "content_type"} <= value.keys() else []
        return here + [file for item in value.values() for file in files_in(item)]
    if isinstance(value, list):
        return [file for item in value for file in files_in(item)]
    return []


def progress_of(
    found: Run, requests: list[ApprovalRequest], in_full: bool, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the lines of the run's progress, oldest first, with times that a template can show."""
    return [
        {
            "at": moment_of(line.get("at")),
            "step": label(line.get("step")),
            "message": progress_words(
                fault_for(in_full or not is_fault(line), str(line.get("message") or ""), requests), names
            ),
            "level": str(line.get("level") or "info"),
        }
        for line in found.progress
        if isinstance(line, dict)
    ]


def is_fault(line: dict[str, Any]) -> bool:
    """Whether a line of the progress tells of a fault, at the stage where it happened or at the run's end."""
    return line.get("level") == "error" or str(line.get("message") or "").startswith("Error: ")

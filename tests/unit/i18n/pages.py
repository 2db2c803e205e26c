"""A portal with something of everything in it, and the pages that each role sees of it."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from approvals.actions.claim import claim
from approvals.actions.comment import comment
from approvals.actions.decide import Ballot, decide
from approvals.models import ApprovalRequest, Decision, Delivery, Notification, Occasion, Pulse, Submission, Topic
from tests.factories import approval_request, person, policy, read_for_search, run, submission, viewer
from tests.policies import opened, step
from tests.unit.i18n.bracketed import data

ROLES: dict[str, tuple[str, ...]] = {
    "rita": (),
    "max": ("managers",),
    "olga": ("auditors",),
    "adam": ("admins",),
}
FORMS = ("expense", "document", "loan", "moderation", "travel")
RECORD = (
    "approvalrequest", "run", "submission", "vote", "decision", "delivery", "comment", "auditevent", "letter", "user",
    "policy", "policyrule",
)  # fmt: skip


def furnished() -> dict[str, Any]:
    """Fill the portal; return what has an address."""
    now = timezone.now()
    for name, groups in ROLES.items():
        person(name, *groups, email=f"{name}@example.com")
    said = {"title": data("Train to Lyon"), "summary": data("Visit to the supplier"), "requester": "rita"}
    waiting = approval_request(**said, details={"flags": [data("rude")], "urgent": True, "lines": []})
    approval_request(**said, expires_at=now + timedelta(hours=2), policy=policy("managers", required=2))
    approval_request(**said, expires_at=now - timedelta(hours=2))
    claimed = approval_request(**said)
    talked = approval_request(**said)
    claim(viewer("max", "managers"), claimed.approval_id)
    comment(viewer("max", "managers"), talked, data("Was it near?"))
    decided = approval_request(**said, run_name="expense-test9001")
    ballot = Ballot("approved", data("Fine"), decided.version, decided.content_digest)
    decide(viewer("max", "managers"), decided.approval_id, ballot)
    ends = {"approved": "approved", "rejected": "rejected", "timeout": "", "cancelled": "withdrawn", "error": ""}
    ended = [_ended(status, said, choice) for status, choice in ends.items()]
    under_policy = opened(step("managers", title=data("First")), name=data("Ours"), request={**said})
    runs = [
        run(title=said["title"], status=status, error={"message": data("Broken")})
        for status in ("running", "waiting", "succeeded", "denied", "failed", "timed_out", "cancelled")
    ]
    rita = person("rita")
    sent = submission(
        rita, title=said["title"], state="submitted", run_name=runs[1].run_name, submitted_at=now, currency="EUR"
    )
    draft = submission(rita, title=said["title"])
    Delivery.objects.create(
        key="start:x1", kind="start", payload="{}", state="stuck", next_try_at=now, error=data("No such function.")
    )
    for part in ("mirror", "outbox", "aws", "mail"):
        Pulse.objects.create(
            name=part, at=now, failing_since=now, fault=data("It does not answer."), detail={"seen": now.isoformat()}
        )
    requests = [waiting, claimed, talked, decided, under_policy, *ended]
    _tell(requests, ROLES)
    read_for_search()
    return {"requests": requests, "runs": runs, "sent": sent, "draft": draft}


def _ended(status: str, said: dict[str, Any], choice: str) -> ApprovalRequest:
    now = timezone.now()
    by = {"decision": choice, "decided_by": "max", "decided_at": now.isoformat(), "comments": data("Fine")}
    return approval_request(**said, status=status, settled_at=now, decision=by if choice else None)


def _tell(requests: list[ApprovalRequest], people: Any) -> None:
    for request in requests:
        for topic in Topic:
            told: dict[str, Any] = {"of": "request", "mark": "overdue"}
            if topic == Topic.COMMENT:
                told = {"comment": request.comments.first().pk} if request.comments.exists() else {"comment": 0}
            occasion = Occasion.objects.create(
                cause=f"{topic}:{request.approval_id}", topic=topic, subject=request.approval_id, state="told",
                due_at=timezone.now(), data=told,
            )  # fmt: skip
            for name in people:
                Notification.objects.create(person=person(name), occasion=occasion, request=request)


def addresses(found: dict[str, Any], role: str) -> list[str]:
    """The pages that a role sees; some of them say that they may not."""
    pages = ["/", "/account/", "/account/notifications/", "/notifications/", "/notifications/?show=unread"]
    pages += ["/queue/", "/queue/?state=all", "/queue/?q=nothing", "/submissions/", "/submit/", "/nowhere/"]
    pages += [f"/submit/{form}/" for form in FORMS]
    for request in found["requests"]:
        place = f"/requests/{request.approval_id}/"
        pages += [place, f"{place}explain/", f"{place}handover/"]
    pages += [f"/runs/{one.run_name}/" for one in found["runs"]]
    sent: Submission = found["sent"]
    pages += [f"/submissions/{sent.ref}/", f"/submissions/{found['draft'].ref}/edit/"]
    if role in {"olga", "adam"}:
        pages += ["/admin/", *(f"/admin/approvals/{name}/" for name in RECORD)]
        pages += [f"/admin/approvals/decision/{one.pk}/change/" for one in Decision.objects.all()[:1]]
        pages += [f"/admin/approvals/approvalrequest/{found['requests'][0].pk}/change/"]
        pages += [f"/admin/approvals/delivery/{one.pk}/change/" for one in Delivery.objects.all()[:1]]
    return pages


def shown_to(role: str, found: dict[str, Any]) -> dict[str, str]:
    """Every page that a role sees, by its address, and what forms say to nothing."""
    client = Client()
    client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
    pages = {address: client.get(address).content.decode() for address in addresses(found, role)}
    for form in FORMS:
        answer = client.post(f"/submit/{form}/", {"action": "submit", "token": "7f3c7d8c-0000-4000-8000-000000000001"})
        pages[f"POST /submit/{form}/"] = answer.content.decode()
    for form in ("profile", "password", "everywhere"):
        given = {"form": form, "time_zone": "1", "change-old_password": "x", "everywhere-password": "x"}
        pages[f"POST /account/ {form}"] = client.post("/account/", given).content.decode()
    for request in found["requests"]:
        address = f"/requests/{request.approval_id}/decide/"
        pages[f"POST {address}"] = client.post(address, {"choice": ""}, follow=True).content.decode()
    return pages

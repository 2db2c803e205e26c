"""The least data a test needs, in believable words."""

import itertools
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from approvals.models import Absence, ApprovalRequest, Audience, AudienceMember, Run, SearchDue, Submission, User
from approvals.models.content import content_of, digest_of
from approvals.policy import Viewer

numbers = itertools.count(1)
PASSWORD = "correct horse battery"


def person(username: str = "", *groups: str, **fields: Any) -> User:
    """A user in the groups; the groups are made when missing."""
    name = username or f"person{next(numbers)}"
    user, made = User.objects.get_or_create(username=name, defaults={"first_name": name.title(), **fields})
    if made:
        user.set_password(PASSWORD)
        user.save()
    for group in groups:
        user.groups.add(Group.objects.get_or_create(name=group)[0])
    return user


def viewer(username: str = "", *groups: str) -> Viewer:
    """A user as the policy sees them."""
    return Viewer.of(person(username, *groups), "127.0.0.1")


def absence(username: str, deputy: str, *workflows: str, **fields: Any) -> Absence:
    """Somebody who is away since an hour and for a day, by default for every workflow."""
    away, now = person(username), timezone.now()
    made = Absence(
        **{
            "person": away,
            "deputy": person(deputy),
            "starts_at": now - timedelta(hours=1),
            "until": now + timedelta(days=1),
            "created_by": away,
            **fields,
        }
    )
    made.only = workflows
    made.save()
    return made


def audience(*principals: str) -> Audience:
    """The audience of these principals, e.g. ``group:managers``."""
    found, made = Audience.objects.get_or_create(key="\n".join(sorted(principals)))
    if made:
        AudienceMember.objects.bulk_create([AudienceMember(audience=found, principal=one) for one in principals])
    return found


def policy(
    *groups: str, users: tuple[str, ...] = (), required: int = 1, exclude: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A policy as the item holds it."""
    return {"groups": list(groups), "users": list(users), "required": required, "exclude": list(exclude)}


def approval_request(**fields: Any) -> ApprovalRequest:
    """A mirrored request, by default one that waits for the managers."""
    number = next(numbers)
    run_name = fields.pop("run_name", f"expense-test{number:04}")
    stage = fields.pop("stage", "manager")
    terms = fields.pop("policy", policy("managers"))
    now = timezone.now()
    request = ApprovalRequest(
        **{
            "approval_id": f"{run_name}.{stage}",
            "run_name": run_name,
            "workflow": "expense",
            "stage": stage,
            "title": f"Train to Lyon and two nights, no. {number}",
            "summary": "Visit to the supplier.",
            "requester": "rita",
            "amount": Decimal("240.50"),
            "currency": "EUR",
            "policy": terms,
            "options": ["approved", "rejected"],
            "audience": audience(*(f"group:{g}" for g in terms["groups"]), *(f"user:{u}" for u in terms["users"])),
            "excluded": "|" + "".join(f"{name}|" for name in terms["exclude"]),
            "status": "pending",
            "created_at": now - timedelta(hours=2),
            "updated_at": now - timedelta(hours=2),
            "expires_at": now + timedelta(days=2),
            "version": 1,
            **fields,
        }
    )
    request.content_digest = digest_of(content_of(request))
    request.save()
    return request


def run(**fields: Any) -> Run:
    """A mirrored run that waits."""
    number = next(numbers)
    now = timezone.now()
    return Run.objects.create(
        **{
            "run_name": f"expense-test{number:04}",
            "workflow": "expense",
            "requester": "rita",
            "title": "Train to Lyon and two nights",
            "status": "waiting",
            "current_step": "manager",
            "created_at": now,
            "updated_at": now,
            "version": 1,
            **fields,
        }
    )


def submission(requester: User, **fields: Any) -> Submission:
    """A draft."""
    number = next(numbers)
    return Submission.objects.create(
        **{
            "ref": f"EXP-TEST{number:03}",
            "token": uuid.uuid4(),
            "workflow": "expense",
            "requester": requester,
            **fields,
        }
    )


def read_for_search() -> None:
    """What the worker does: every changed request becomes findable."""
    SearchDue.objects.mark(ApprovalRequest.objects.values_list("approval_id", flat=True))
    while SearchDue.objects.work():
        pass

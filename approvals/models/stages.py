"""What a rule can name: the stages and the fixed categories of the workflows, and the departments of accounts."""

from collections.abc import Iterable

from approvals.models.mirror import ApprovalRequest
from approvals.models.people import User

SERVICES = ("flight", "hotel", "car")
# A revision is no stage here: no policy refines it.
STAGES = {
    "expense": ("manager", "finance"),
    "document": ("review",),
    "moderation": ("moderation",),
    "loan": ("manager",),
    "travel": ("approval", *(f"undo-{service}" for service in SERVICES)),
}
CATEGORIES = {"expense": ("travel", "meals", "lodging", "equipment", "software", "training", "other")}


def stages_of(workflow: str) -> list[str]:
    """Return the stages of a workflow, or of all: those that are known, and those that requests had besides."""
    known = STAGES.get(workflow, ()) if workflow else _all(STAGES.values())
    return [*dict.fromkeys([*known, *ApprovalRequest.objects.stages_seen(workflow)])]


def categories_offered() -> list[str]:
    """Return the fixed categories of all workflows."""
    return _all(CATEGORIES.values())


def stages_offered() -> list[str]:
    """Return the known stages of all workflows."""
    return _all(STAGES.values())


def departments_known() -> list[str]:
    """Return the departments that accounts name, each once however its letters are written."""
    named = User.objects.exclude(department="").order_by("department").values_list("department", flat=True).distinct()
    return [*{name.casefold(): name for name in reversed(named)}.values()][::-1]


def _all(named: Iterable[Iterable[str]]) -> list[str]:
    return [*dict.fromkeys(name for names in named for name in names)]

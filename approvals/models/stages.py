"""What the workflows ask about: the stages and the fixed categories that a rule can name."""

from collections.abc import Iterable

from approvals.models.mirror import ApprovalRequest

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


def _all(named: Iterable[Iterable[str]]) -> list[str]:
    return [*dict.fromkeys(name for names in named for name in names)]

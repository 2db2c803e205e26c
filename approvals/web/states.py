"""What the state of a request or run is called within a sentence."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.models import ApprovalRequest, Run
from approvals.web.endings import ANSWERED, state_of
from approvals.web.formats import in_sentence
from approvals.web.terms import outcome_words

STATES = {
    "pending": pgettext_lazy("it is: …", "waiting"),
    "waiting": pgettext_lazy("it is: …", "waiting"),
    "submitted": pgettext_lazy("it is: …", "submitted"),
    "running": pgettext_lazy("it is: …", "running"),
    "approved": pgettext_lazy("it is: …", "approved"),
    "rejected": pgettext_lazy("it is: …", "rejected"),
    "succeeded": pgettext_lazy("it is: …", "succeeded"),
    "denied": pgettext_lazy("it is: …", "denied"),
    "withdrawn": pgettext_lazy("it is: …", "withdrawn"),
    "cancelled": pgettext_lazy("it is: …", "cancelled"),
    "timeout": pgettext_lazy("it is: …", "timed out"),
    "timed_out": pgettext_lazy("it is: …", "timed out"),
    "error": pgettext_lazy("it is: …", "failed"),
    "failed": pgettext_lazy("it is: …", "failed"),
}


# How the run of a request ended that nobody answered before (approvals.mirror.ended).
ORPHANED = {
    "The run finished": gettext_lazy("The run finished. Nothing was approved, and nobody needs to answer any more."),
    "The run failed": gettext_lazy("The run failed. Nothing was approved, and nobody needs to answer any more."),
    "The run reached its time limit": gettext_lazy(
        "The run reached its time limit. Nothing was approved, and nobody needs to answer any more."
    ),
    "The run was stopped": gettext_lazy(
        "The run was stopped. Nothing was approved, and nobody needs to answer any more."
    ),
}


HOW_IT_ENDED = {
    "The run finished": gettext_lazy("The run finished"),
    "The run failed": gettext_lazy("The run failed"),
    "The run reached its time limit": gettext_lazy("The run reached its time limit"),
    "The run was stopped": gettext_lazy("The run was stopped"),
}


def run_ending(how: str) -> str:
    """Return how the run ended of a request that outlived it, as the item says it, before the rest of a sentence."""
    return str(HOW_IT_ENDED.get(how, how))


def orphaned_words(how: str) -> str:
    """Return what became of a request that outlived its run; ``how`` the run ended, as the item says it."""
    if how in ORPHANED:
        return str(ORPHANED[how])
    return _("{how}. Nothing was approved, and nobody needs to answer any more.").format(how=how)


def state_words(one: ApprovalRequest | Run) -> str:
    """Return e.g. ``sent back`` or ``timed out``."""
    if isinstance(one, ApprovalRequest) and one.status in ANSWERED and isinstance(one.decision, Mapping):
        choice = str(one.decision.get("decision") or "")
        if choice in one.options:
            return outcome_words(choice)
    state, label = state_of(one)
    return str(STATES[state]) if state in STATES else in_sentence(label)

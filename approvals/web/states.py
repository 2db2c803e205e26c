"""What the state of a request or run is called within a sentence."""

from collections.abc import Mapping

from django.utils.translation import pgettext_lazy

from approvals.models import ApprovalRequest, Run
from approvals.web.endings import ANSWERED, state_of
from approvals.web.terms import outcome_words

STATE = "it is: …"
STATES = {
    "pending": pgettext_lazy(STATE, "waiting"),
    "waiting": pgettext_lazy(STATE, "waiting"),
    "submitted": pgettext_lazy(STATE, "submitted"),
    "running": pgettext_lazy(STATE, "running"),
    "approved": pgettext_lazy(STATE, "approved"),
    "rejected": pgettext_lazy(STATE, "rejected"),
    "succeeded": pgettext_lazy(STATE, "succeeded"),
    "denied": pgettext_lazy(STATE, "denied"),
    "withdrawn": pgettext_lazy(STATE, "withdrawn"),
    "cancelled": pgettext_lazy(STATE, "cancelled"),
    "timeout": pgettext_lazy(STATE, "timed out"),
    "timed_out": pgettext_lazy(STATE, "timed out"),
    "error": pgettext_lazy(STATE, "failed"),
    "failed": pgettext_lazy(STATE, "failed"),
}


def state_words(one: ApprovalRequest | Run) -> str:
    """Return e.g. ``sent back`` or ``timed out``."""
    if isinstance(one, ApprovalRequest) and one.status in ANSWERED and isinstance(one.decision, Mapping):
        choice = str(one.decision.get("decision") or "")
        if choice in one.options:
            return outcome_words(choice)
    state, label = state_of(one)
    return str(STATES[state]) if state in STATES else label.lower()

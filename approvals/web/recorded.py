"""Sentences that the portal puts on the record in English, told again in the reader's language.

They stand here once more as they are written there; ``tests/unit/web/test_recorded.py`` holds the two together.
"""

import re
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from approvals.models.effective import FOR_OWN_TERMS
from approvals.models.sentence import retold
from approvals.web.formats import figures, in_sentence, spaced
from approvals.web.keys import KEYS

# approvals.policy.standing and answerable: why nobody can answer.
LACKING = (
    gettext_noop(
        "Step {step} cannot be passed: it asks the requester's manager, and their account named none when the "
        "request was opened."
    ),
    gettext_noop(
        "Nobody can answer step {step}: of those whom the policy asks, the workflow asks nobody who may still answer."
    ),
    (
        "Step {step} needs {count} more than there are people who may answer.",
        "Step {step} needs {count} more than there are people who may answer.",
        "count",
    ),
    gettext_noop(
        "Nobody can answer this request. It is put to {asked}; who asked for it, is excluded or has no active "
        "account may not answer, and nobody else is left."
    ),
    (
        "This request needs {needed} more answer, and only {able} of those it is put to may give one.",
        "This request needs {needed} more answers, and only {able} of those it is put to may give one.",
        "needed",
    ),
)
# approvals.models.policy: the rule that picked a policy, part by part.
RULE = (
    FOR_OWN_TERMS,
    gettext_noop("every workflow"),
    gettext_noop("stage {stage}"),
    gettext_noop("from {least} below {below}"),
    gettext_noop("from {amount}"),
    gettext_noop("below {amount}"),
    gettext_noop("category {category}"),
    gettext_noop("department {department}"),
)
STAGE = re.compile(r"stage (.{1,60})")
AMOUNTS = re.compile(r"(?:from|below) [0-9].{0,80}")
NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
# approvals.delivery and approvals.mirror.overdue: how AWS took it.
DELIVERED = (
    gettext_noop("The decision stands in the request's item."),
    gettext_noop("AWS took it."),
    gettext_noop("AWS hears that somebody attends to it."),
    gettext_noop("The workflow had followed the decision in the item already."),
    gettext_noop("The callback was closed already; the workflow follows the decision in the item."),
    gettext_noop("The claim is over."),
    gettext_noop("The request waits for no sign of attention."),
    gettext_noop("An earlier try whose answer was lost had woken the workflow."),
    gettext_noop("Its timer was lost."),
    gettext_noop("Request {request} has another answer."),
)
# approvals.aws.faults, behind what was tried; other texts are AWS's own.
FAULT = re.compile(r"[^:]{1,80}: (AWS (?:cannot be reached|gave no readable answer) \([A-Za-z]{1,80}\)\.)")
FAULTS = (
    gettext_noop("AWS cannot be reached ({fault})."),
    gettext_noop("AWS gave no readable answer ({fault})."),
)


def lacking_words(recorded: str) -> str | None:
    """Return why nobody can answer."""
    return retold(recorded, LACKING)


def rule_words(recorded: str) -> str:
    """Return the rule that picked a policy; a part that has no words of ours stays as it is."""
    return ", ".join(_part_words(part) for part in recorded.split(", "))


def _part_words(part: str) -> str:
    if stage := STAGE.fullmatch(part):
        return _("stage {stage}").format(stage=_key_words(stage[1]))
    if AMOUNTS.fullmatch(part):
        return retold(NUMBER.sub(_number_words, part), RULE) or part
    return retold(part, RULE) or _key_words(part)


def _number_words(found: re.Match[str]) -> str:
    """Return a number of the record, ``5,000.50``, as the reader's language writes it."""
    return figures(Decimal(found[0].replace(",", "")))


def _key_words(key: str) -> str:
    """Return what a workflow or a stage of ours is called within a sentence; any other key stays."""
    said = spaced(key)
    return in_sentence(str(KEYS[said])) if said in KEYS else key


def delivery_words(recorded: str) -> str | None:
    """Return what came of a delivery."""
    if fault := FAULT.fullmatch(recorded):
        return retold(fault[1], FAULTS)
    return retold(recorded, DELIVERED)

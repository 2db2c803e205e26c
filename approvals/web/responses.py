"""A structured answer as a page shows it: by the titles of its schema, secrets hidden."""

from typing import Any

from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest
from approvals.models.responses import HIDDEN, Said, said_in
from approvals.models.text import clean, one_line
from approvals.web.approved import LESS
from approvals.web.details import ROOMY, Facts, Node, Outline
from approvals.web.formats import words
from approvals.web.forms import currency_of

LONGEST_TITLE = 120


def answer_shown(item: ApprovalRequest, response: Any) -> Node | None:
    """Return the answer as a tree that the page of a request can draw; None where there is none."""
    outline = Outline(item.currency or currency_of(item.workflow), [])
    drawn = [
        (one_line(clean(_title(said)))[:LONGEST_TITLE], outline.of(_readable(said.value), said.name))
        for said in said_in(item.response_schema, response)
    ]
    if not drawn:
        return None
    pairs = [(label, node) for label, node in drawn if node.kind not in ROOMY]
    return Node("facts", Facts(pairs, [(label, node) for label, node in drawn if node.kind in ROOMY]))


def _title(said: Said) -> str:
    return _(LESS) if said.title == LESS else said.title or words(said.name)


def _readable(value: Any) -> Any:
    """Return the value with what takes the place of a secret in the person's language."""
    if isinstance(value, dict):
        return {name: _readable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return _(HIDDEN) if value == HIDDEN else value


def answer_in(item: ApprovalRequest) -> Node | None:
    """Return the answer that the item's decision holds, whoever gave it."""
    return answer_shown(item, (item.decision or {}).get("response"))

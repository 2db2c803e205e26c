"""What a yes allows where it allows less than was asked."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from approvals.models import ApprovalRequest
from approvals.web.details import number_of
from approvals.web.formats import money

# What our own workflows call the field (lambdas/workflows/approved_amount.py); pages translate it.
LESS = gettext_noop("Approve less")


def allowed_by(request: ApprovalRequest, response: Any) -> Decimal | None:
    """Return the lower amount that an answer names; None where it stands for the whole, or names none."""
    if request.amount is None or not isinstance(response, Mapping):
        return None
    named = number_of(response.get("amount"))
    return named if named is not None and 0 < named < request.amount else None


def allowed_in_words(request: ApprovalRequest, response: Any) -> str:
    """Return e.g. ``€200.00 of €240.50``; nothing where the whole is allowed."""
    allowed = allowed_by(request, response)
    if allowed is None:
        return ""
    asked = money(request.amount, request.currency)
    return _("{allowed} of {asked}").format(allowed=money(allowed, request.currency), asked=asked)

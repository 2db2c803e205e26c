"""The demo's office: two policies with a rule each, somebody who will be away, a view that the managers share.

Each is made once, by the portal's own actions: what somebody who tries the demo changes or drops stays so.
"""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from local.demo_playing import viewer_called

if TYPE_CHECKING:
    from approvals.models.terms import PolicyTerms


class House(NamedTuple):
    """One policy, and the requests that its rule is for. ``seats`` are groups; ``needed`` as in the policy's form."""

    name: str
    description: str
    step: str
    seats: tuple[str, ...]
    needed: str
    many: int
    rule: dict[str, Any]

    @property
    def terms(self) -> "PolicyTerms":
        """What its one step asks."""
        from approvals.models.terms import Needed, PolicyTerms, Step

        return PolicyTerms((Step(self.step, self.seats, needed=Needed(self.needed), count=self.many),))


POLICIES = (
    House(
        "Two managers above 5,000 EUR",
        "Large expenses are agreed to by two managers before finance looks at them.",
        "Two managers agree",
        ("managers",),
        "count",
        2,
        {"workflow": "expense", "stage": "manager", "currency": "EUR", "amount_from": Decimal(5000)},
    ),
    House(
        "Legal and a manager for contracts",
        "What Purchasing hands in binds us to others, so legal reads it as well.",
        "Legal and a manager agree",
        ("legal", "managers"),
        "each",
        1,
        {"workflow": "document", "department": "Purchasing"},
    ),
)


def furnish() -> None:
    """Make what is not there yet."""
    _make_policies()
    _plan_absence()
    _share_view()


def _make_policies() -> None:
    from django.db import transaction

    from approvals.actions.policies import save_policy, save_rule
    from approvals.models import Policy, PolicyRule

    admin = viewer_called("admin")
    with transaction.atomic():
        if Policy.objects.exists():
            return
        for house in POLICIES:
            policy = Policy(name=house.name, description=house.description)
            save_policy(admin, policy, house.terms, based_on=0)
            save_rule(admin, PolicyRule(policy=policy, **house.rule), sorted(house.rule))


def _plan_absence() -> None:
    from django.utils import timezone

    from approvals.actions.away import Plan, set_absence
    from approvals.models import Absence

    approver = viewer_called("approver")
    if Absence.objects.filter(person=approver.user).exists():
        return
    monday = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    monday += timedelta(days=21 - monday.weekday())
    plan = Plan("jonas", monday + timedelta(days=12), monday, reason="Two weeks in the mountains")
    set_absence(approver, approver.user, plan)


def _share_view() -> None:
    from approvals.actions.views import save_view
    from approvals.models import AuditEvent

    # The record, not the view itself: one that was deleted does not come back.
    if not AuditEvent.objects.filter(action="view.saved", actor="approver").exists():
        query = "tab=mine&workflow=expense&sort=amount"
        save_view(viewer_called("approver"), "Expenses, largest first", query, group="managers")

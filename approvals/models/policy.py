"""Policies as data: versions that never change, and rules that pick one."""

from decimal import Decimal
from functools import cached_property
from typing import Any, override

from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from approvals.models.mirror import ApprovalRequest
from approvals.models.people import User
from approvals.models.sentence import Sentence
from approvals.models.terms import PolicyTerms


class Policy(models.Model):
    """A policy by name. What it says is in its versions; the newest one counts for new requests."""

    name = models.CharField(max_length=80, unique=True)
    description = models.TextField(blank=True, help_text=_("What it is for, for the people who edit it."))
    number = models.PositiveIntegerField(default=0, editable=False, help_text=_("Of the newest version."))

    class Meta:
        verbose_name_plural = _("policies")
        ordering = ["name"]

    @override
    def __str__(self) -> str:
        return self.name

    @property
    def newest(self) -> "PolicyVersion | None":
        """The version for requests that open now."""
        return self.versions.filter(number=self.number).first()


class PolicyVersion(models.Model):
    """What a policy says from one edit to the next. Never changed: requests and votes refer to it."""

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    stored = models.JSONField(help_text=_("Its terms, see approvals.models.terms."))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="policy_version_once")]

    @override
    def __str__(self) -> str:
        return Sentence(_("{policy}, version {number}"), policy=self.policy.name, number=self.number)

    @override
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it, once: a second time is an IntegrityError."""
        super().save(*args, **kwargs | {"force_insert": True})

    @cached_property
    def terms(self) -> PolicyTerms:
        """What it says."""
        return PolicyTerms.of(self.stored)


class PolicyRule(models.Model):
    """Which requests a policy is for. Of those that fit, the one with the lowest priority number counts."""

    priority = models.PositiveIntegerField(default=100, help_text=_("The lowest number that fits wins."))
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="rules")
    active = models.BooleanField(default=True, help_text=_("Take the tick away to stop using it for new requests."))
    workflow = models.CharField(max_length=40, blank=True)
    stage = models.CharField(max_length=40, blank=True, help_text=_("As the workflow calls it, e.g. manager."))
    currency = models.CharField(max_length=3, blank=True, help_text=_("e.g. EUR. Amounts below are in it."))
    amount_from = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    amount_below = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    category = models.CharField(max_length=60, blank=True, help_text=_("Of the request, or of any of its lines."))
    department = models.CharField(max_length=60, blank=True, help_text=_("Of the requester, as their account says."))

    class Meta:
        ordering = ["priority", "id"]

    @override
    def __str__(self) -> str:
        return f"{self.policy.name}: {self.wording}"

    @property
    def wording(self) -> str:
        """What it fits, in words."""
        parts = [
            self.workflow or gettext("every workflow"),
            gettext("stage {stage}").format(stage=self.stage) if self.stage else "",
            " ".join(filter(None, [self._amounts, self.currency])),
            gettext("category {category}").format(category=self.category) if self.category else "",
            gettext("department {department}").format(department=self.department) if self.department else "",
        ]
        return ", ".join(filter(None, parts))

    @property
    def _amounts(self) -> str:
        least, below = self.amount_from, self.amount_below
        if least is not None and below is not None:
            return gettext("from {least} below {below}").format(least=_plain(least), below=_plain(below))
        if least is not None:
            return gettext("from {amount}").format(amount=_plain(least))
        return gettext("below {amount}").format(amount=_plain(below)) if below is not None else ""

    def fits(self, request: ApprovalRequest, department: str) -> bool:
        """Whether it is for this request, asked for by somebody of this department."""
        named = ((self.workflow, request.workflow), (self.stage, request.stage), (self.currency, request.currency))
        if any(wanted and wanted != given for wanted, given in named):
            return False
        if self.department and self.department.casefold() != department.casefold():
            return False
        return self._fits_amount(request) and (not self.category or self.category.casefold() in categories_of(request))

    def _fits_amount(self, request: ApprovalRequest) -> bool:
        if self.amount_from is None and self.amount_below is None:
            return True
        if request.amount is None:
            return False
        from_it = self.amount_from is None or request.amount >= self.amount_from
        return from_it and (self.amount_below is None or request.amount < self.amount_below)


def _plain(amount: Decimal) -> str:
    return number_format(amount.normalize(), force_grouping=True)


def categories_of(request: ApprovalRequest) -> set[str]:
    """Return the categories that the details name, of the whole or of a line, in small letters."""
    details = request.details if isinstance(request.details, dict) else {}
    lines = [line for value in details.values() if isinstance(value, list) for line in value if isinstance(line, dict)]
    named = (entry.get("category") for entry in [details, *lines])
    return {str(name).casefold() for name in named if name}

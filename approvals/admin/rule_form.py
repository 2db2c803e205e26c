"""The form of a rule: which requests a policy is for, in words that there are."""

from decimal import Decimal
from typing import Any, ClassVar, override

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.actions.refs import PREFIXES
from approvals.admin.offering import Offering
from approvals.admin.shown import NOTHING
from approvals.models import ApprovalRequest, PolicyRule
from approvals.models.currencies import digits_of
from approvals.models.stages import CATEGORIES, categories_offered, departments_known, stages_of, stages_offered
from approvals.models.text import revealed
from approvals.policy.sanity import faults_of


class RuleForm(forms.ModelForm):  # type: ignore[type-arg] # Django takes no parameter here
    """A rule; what it leaves empty fits everything."""

    workflow = forms.ChoiceField(
        label=gettext_lazy("Workflow"),
        choices=[("", gettext_lazy("Every workflow")), *((name, name) for name in PREFIXES)],
        required=False,
    )

    class Meta:
        model = PolicyRule
        fields = [
            *("policy", "priority", "active", "workflow", "stage"),
            *("amount_from", "amount_below", "currency", "category", "department"),
        ]
        widgets: ClassVar = {
            "stage": Offering(stages_offered()),
            "category": Offering(categories_offered()),
            "currency": Offering(sorted(digits_of())),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "department" in self.fields:
            # Those who only look have no fields.
            self.fields["department"].widget = Offering(departments_known())
        for name in ("amount_from", "amount_below"):
            if (amount := self.initial.get(name)) is not None:
                # Without the noughts that the database keeps behind it.
                self.initial[name] = Decimal(f"{amount.normalize():f}")

    def clean_currency(self) -> str:
        """Take it in capitals, and only one that there is: no request would ever have another."""
        typed: str = self.cleaned_data["currency"].upper()
        if typed and typed not in digits_of() and not ApprovalRequest.objects.filter(currency=typed).exists():
            sentence = _("There is no currency {currency}. Write its code, such as EUR.")
            raise ValidationError(sentence.format(currency=typed))
        return typed

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse what fits nothing, and a policy that nobody could satisfy where the rule would use it."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        least, below = data.get("amount_from"), data.get("amount_below")
        if least is not None and below is not None and least >= below:
            self.add_error("amount_below", _("This must be more than the amount from which the rule fits."))
        if (least is not None or below is not None) and data.get("currency") == "":
            self.add_error("currency", _("Say in which currency the amounts are."))
        self._names_fit(data)
        if self.errors:
            return data
        rule = PolicyRule(**{name: data[name] for name in self.Meta.fields})
        version = rule.policy.newest
        for fault in faults_of(version.terms, [rule]) if version and rule.active else ():
            self.add_error("policy", ValidationError(fault))
        return data

    def _names_fit(self, data: dict[str, Any]) -> None:
        """Refuse a stage, or a category where they are fixed, that the workflow does not have: it would fit nothing."""
        workflow, stage, category = (data.get(name) or "" for name in ("workflow", "stage", "category"))
        if stage and data.get("active") and stage not in (stages := stages_of(workflow)):
            said = (
                _("The workflow {workflow} has no stage {stage}. It has: {stages}.")
                if workflow
                else _("No workflow has a stage {stage}. There are: {stages}.")
            )
            self.add_error(
                "stage", said.format(workflow=workflow, stage=revealed(stage), stages=", ".join(stages) or NOTHING)
            )
        fixed = CATEGORIES.get(workflow)
        if category and fixed and data.get("active") and category.casefold() not in fixed:
            said = _("The workflow {workflow} has no category {category}. It has: {categories}.")
            found = said.format(workflow=workflow, category=revealed(category), categories=", ".join(fixed))
            self.add_error("category", found)
        self._department_fits(data)

    def _department_fits(self, data: dict[str, Any]) -> None:
        """Take a department as the accounts write it; refuse one that none of them has."""
        typed = data.get("department") or ""
        departments = {name.casefold(): name for name in departments_known()}
        if typed and data.get("active") and typed.casefold() not in departments:
            said = (
                _("No account has the department {department}. There are: {departments}.")
                if departments
                else _("No account has the department {department}. Write it into the accounts of its people first.")
            )
            found = said.format(department=revealed(typed), departments=", ".join(departments.values()))
            self.add_error("department", found)
        data["department"] = departments.get(typed.casefold(), typed)

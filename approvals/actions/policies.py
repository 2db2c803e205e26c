"""Make and edit policies and their rules: every edit is a new version, and a line of the record."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from approvals.actions.errors import Invalid, Refused
from approvals.actions.refusals import refusals_recorded
from approvals.models import AuditEvent, Policy, PolicyRule, PolicyVersion
from approvals.models.sentence import RECORDED_IN, Sentence
from approvals.models.terms import PolicyTerms
from approvals.policy import Viewer, may_edit_policies
from approvals.policy.sanity import faults_of


def save_policy(viewer: Viewer, policy: Policy, terms: PolicyTerms, based_on: int) -> PolicyVersion:
    """Store a new or edited policy as its next version; the same terms make none. ``based_on`` is what was edited.

    Raises Refused, or Invalid: nobody could satisfy it, or somebody else edited it meanwhile (recorded).
    """
    with refusals_recorded(viewer, "policy.edit_refused", f"policy:{policy.name}"), transaction.atomic():
        allowed = may_edit_policies(viewer)
        if not allowed:
            raise Refused(allowed)
        return _save(viewer, policy, terms, based_on)


def _save(viewer: Viewer, policy: Policy, terms: PolicyTerms, based_on: int) -> PolicyVersion:
    if policy.pk is not None:
        policy.number = Policy.objects.select_for_update().get(pk=policy.pk).number
    if policy.number != based_on:
        said = _("Somebody made version {number} meanwhile. Open the policy again and look.")
        raise Invalid("steps", said, number=policy.number)
    rules = policy.rules.filter(active=True) if policy.pk is not None else ()
    if faults := faults_of(terms, rules):
        raise Invalid("steps", Sentence.joined(faults))
    stored, newest = terms.as_json(), policy.newest if policy.pk is not None else None
    if newest is not None and PolicyTerms.of(newest.stored) == terms:
        policy.save()
        return newest
    policy.number += 1
    policy.save()
    version = PolicyVersion.objects.create(policy=policy, number=policy.number, stored=stored, made_by=viewer.user)
    AuditEvent.objects.record(
        viewer.actor, "policy.versioned", policy, str(version), terms=stored, before=newest.stored if newest else None
    )
    return version


def save_rule(viewer: Viewer, rule: PolicyRule, changed: list[str]) -> PolicyRule:
    """Store a new or edited rule. Raises Refused, or Invalid: its policy cannot be met where the rule would use it."""
    with refusals_recorded(viewer, "policyrule.edit_refused", f"policy:{rule.policy.name}"), transaction.atomic():
        allowed = may_edit_policies(viewer)
        if not allowed:
            raise Refused(allowed)
        version = rule.policy.newest
        if rule.active and version and (faults := faults_of(version.terms, [rule])):
            raise Invalid("policy", Sentence.joined(faults))
        verb = "changed" if rule.pk else "created"
        rule.save()
        with override(RECORDED_IN):
            AuditEvent.objects.record(viewer.actor, f"policyrule.{verb}", rule, str(rule)[:500], **_said(rule, changed))
        return rule


def _said(rule: PolicyRule, changed: list[str]) -> dict[str, Any]:
    values = {field.name: str(getattr(rule, field.name) or "") for field in rule._meta.concrete_fields}
    return {"fields": changed, "rule": values}

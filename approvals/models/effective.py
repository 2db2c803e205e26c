"""What a request was opened under, how far it has come, and whose turn it is."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import override

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.utils.translation import override as in_language

from approvals.models.handovers import Handover, Places
from approvals.models.mirror import ApprovalRequest, Audience, AudienceMember
from approvals.models.people import User, Vote
from approvals.models.policy import PolicyRule, PolicyVersion
from approvals.models.sentence import RECORDED_IN, Sentence
from approvals.models.terms import Needed, PolicyTerms, Step

# Stored as it stands here; shown by ``approvals.policy.wording``.
OWN_TERMS = gettext_noop("Whom the workflow asks")
FOR_OWN_TERMS = gettext_noop("the workflow's own terms")


class EffectiveQuerySet(models.QuerySet["EffectivePolicy"]):
    """Fixing what a request is opened under, and asking for it."""

    def pin(self, requests: Iterable[ApprovalRequest], now: datetime) -> "list[EffectivePolicy]":
        """Fix the newest version of the policy that fits, once for each open request; none where no rule fits.

        A revision stays with the person who asked: nobody approves it.
        """
        rules = list(PolicyRule.objects.filter(active=True, policy__number__gt=0).select_related("policy"))
        pinned: list[EffectivePolicy] = []
        for request in requests if rules else ():
            if request.is_pending and request.kind != "revision":
                pinned += self._pin(request, rules, now)
        return pinned

    def _pin(self, request: ApprovalRequest, rules: Sequence[PolicyRule], now: datetime) -> "Iterable[EffectivePolicy]":
        asker = User.objects.select_related("manager").filter(username__iexact=request.requester).first()
        rule = next((each for each in rules if each.fits(request, asker.department if asker else "")), None)
        version = rule.policy.newest if rule else None
        if rule is None or version is None:
            return
        manager = asker.manager.username if asker and asker.manager else ""
        earlier = _earlier(request) if version.terms.bars_earlier else []
        with in_language(RECORDED_IN):
            because = rule.wording[:300]
        fixed, made = self.get_or_create(
            request=request,
            defaults={
                "version": version,
                "because": because,
                "manager": manager,
                "excluded": "|" + "".join(f"{name}|" for name in earlier),
                "opened_at": now,
            },
        )
        if made:
            fixed.enter(0, now)
            yield fixed

    def under(self, request: ApprovalRequest) -> "EffectivePolicy":
        """What the request stands under; where no policy fits, the workflow's own terms as one step."""
        found = self.of(request)
        if found is None:
            found = self.model(request=request, because=FOR_OWN_TERMS)
            found.enter(0, timezone.now())
        return found

    def of(self, request: ApprovalRequest) -> "EffectivePolicy | None":
        """What the request was opened under; None for the workflow's floor alone."""
        return self.select_related("version__policy").filter(request=request).first()

    def due(self, now: datetime) -> "EffectiveQuerySet":
        """Those whose step's time is over, with nothing done about it yet."""
        return self.filter(due_at__lte=now).order_by("due_at", "id")

    def shown_otherwise(self) -> "EffectiveQuerySet":
        """Those whose request's row says another end of their time."""
        is_empty = models.Q(due_at=None, request__waits_until=None)
        return self.exclude(is_empty | models.Q(due_at=models.F("request__waits_until")))


class EffectivePolicy(models.Model):
    """What one request was opened under, and how far it has come. The workflow's floor holds beside it."""

    class State(models.TextChoices):
        """How its step stands."""

        OPEN = "open", _("Open")
        ESCALATED = "escalated", _("Escalated")
        EXPIRED = "expired", _("Its time is over")

    request = models.OneToOneField(ApprovalRequest, models.PROTECT, related_name="effective")
    version = models.ForeignKey(
        PolicyVersion, models.PROTECT, null=True, related_name="+", help_text=_("Null: the workflow's own terms.")
    )
    because = models.CharField(max_length=300, help_text=_("The rule that picked it, in words."))
    manager = models.CharField(max_length=150, blank=True, help_text=_("The requester's manager when it was opened."))
    excluded = models.TextField(default="|", help_text=_("Who answered an earlier stage and may not now, as |name|."))
    handed_over = models.TextField(default="|", help_text=_("Who gave their place in this step away, as |name|."))
    step = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(help_text=_("When the step began."))
    due_at = models.DateTimeField(
        null=True, help_text=_("When something is to be done about it; null when nothing is.")
    )

    objects = EffectiveQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("effective policies")
        indexes = [
            models.Index(fields=["due_at", "id"], name="steps_due", condition=models.Q(due_at__isnull=False)),
        ]

    @override
    def __str__(self) -> str:
        return str(self.version) if self.version else Sentence(_("The workflow's own terms"))

    @property
    def terms(self) -> PolicyTerms:
        """What the version says, or the workflow's floor as one step."""
        if self.version is not None:
            return self.version.terms
        floor = self.request.policy
        groups, users = tuple(floor.get("groups") or ()), tuple(floor.get("users") or ())
        return PolicyTerms((Step(OWN_TERMS, groups, users, needed=Needed.COUNT, count=self.request.required),))

    @property
    def current(self) -> Step:
        """The step that is under way."""
        return self.terms.steps[self.step]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The time of those who are asked now: the step's or escalation's own, else until the workflow's deadline."""
        if self.state == self.State.ESCALATED:
            hours, ends = self.terms.escalate_hours, self.due_at
        else:
            hours = self.current.hours
            ends = self.due_at or self._due(hours, self.opened_at)
        if hours is None or ends is None:
            return self.opened_at, self.request.expires_at
        return ends - timedelta(hours=hours), ends

    def mark(self, moment: object) -> str:
        """Name a moment of that time for good, so that it is told once."""
        return f"{self.step}.{self.state}:{moment}"

    @property
    def places(self) -> Places:
        """What the handovers of the step come to."""
        done = Handover.objects.filter(request_id=self.request_id, step=self.step)
        return Places.of(done.select_related("giver", "taker").order_by("id"))

    def show_places(self) -> None:
        """Let the queue follow a handover."""
        self.handed_over = "|" + "".join(f"{name}|" for name in self.places.out)
        self.save(update_fields=["handed_over"])
        self._turn_to(self._principals())

    def _principals(self) -> list[str]:
        places = self.places
        asked = [f"user:{places.alone}"] if places.alone else self.current.principals(self.manager)
        if self.state == self.State.ESCALATED:
            asked += self.terms.escalation.principals("")
        return [*asked, *(f"user:{name}" for name in (*places.given, *places.added))]

    def enter(self, step: int, now: datetime) -> None:
        """Begin a step: its time runs, and the queue shows the request to its people."""
        self.step, self.state, self.opened_at = step, self.State.OPEN, now
        self.due_at, self.handed_over = self._due(self.current.hours, now), "|"
        self.save()
        self._turn_to(self._principals())

    def escalate(self, now: datetime) -> None:
        """Ask the policy's next people as well."""
        self.state, self.due_at = self.State.ESCALATED, self._due(self.terms.escalate_hours, now)
        self.save()
        self._turn_to(self._principals())

    def expire(self) -> None:
        """Take no more answers."""
        self.state, self.due_at = self.State.EXPIRED, None
        self.save()
        self._turn_to([])

    def stay_open(self) -> None:
        """Let the step have the workflow's time: nothing more is to be done about its own."""
        self.due_at = None
        self.save(update_fields=["due_at"])
        self.show_time()

    def show_time(self) -> None:
        """Let the queue follow the time of the step."""
        self._show(waits_until=self.due_at)

    def _due(self, hours: int | None, now: datetime) -> datetime | None:
        due = None if hours is None else now + timedelta(hours=hours)
        # From its own deadline on the workflow goes on by itself, and nothing is left to be done here.
        return due if due and due < self.request.expires_at else None

    def _turn_to(self, principals: Iterable[str]) -> None:
        self._show(waits_for=audience_of(principals), waits_until=self.due_at)

    def _show(self, **shown: Audience | datetime | None) -> None:
        ApprovalRequest.objects.filter(pk=self.request_id).update(**shown)
        for name, value in shown.items():
            setattr(self.request, name, value)


def audience_of(principals: Iterable[str]) -> Audience:
    """Return the audience of these principals, stored once however many requests name it."""
    listed = sorted(set(principals))
    with transaction.atomic():
        audience, made = Audience.objects.get_or_create(key="\n".join(listed))
        if made:
            AudienceMember.objects.bulk_create(AudienceMember(audience=audience, principal=one) for one in listed)
    return audience


def _earlier(request: ApprovalRequest) -> list[str]:
    """Return who answered another request of the run, and for whom."""
    voters = Vote.objects.filter(request__run_name=request.run_name).exclude(request=request)
    siblings = ApprovalRequest.objects.filter(run_name=request.run_name, decision__isnull=False).exclude(pk=request.pk)
    decided = (str((each.decision or {}).get("decided_by") or "") for each in siblings.only("decision"))
    named = voters.values_list("voter__username", "for_person__username")
    return sorted({*(name for pair in named for name in pair if name), *decided} - {""})

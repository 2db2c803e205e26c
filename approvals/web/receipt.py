"""The receipt of a decision: how far it has come on its way to the workflow."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, Decision, Delivery, Run
from approvals.web.approved import allowed_in_words, lowered_by
from approvals.web.details import Node
from approvals.web.formats import moment_of
from approvals.web.responses import answer_shown
from approvals.web.states import state_words
from approvals.web.terms import outcome_words

# How often the page asks, by the age of the decision: briskly while things happen, rarely once something hangs.
FIRST_MINUTE = timedelta(minutes=1)
FIRST_TEN_MINUTES = timedelta(minutes=10)


@dataclass(frozen=True)
class Step:
    """One line of the receipt. ``state``: done, now, later or failed."""

    label: str
    state: str
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class Receipt:
    """A decision and how far it has come."""

    request: ApprovalRequest
    decision: Decision
    delivery: Delivery | None
    run: Run | None
    now: datetime

    @classmethod
    def of(cls, request: ApprovalRequest) -> "Receipt | None":
        """Return the receipt of the request's decision, or None where the portal recorded none."""
        decisions = Decision.objects.select_related("decided_by", "for_person", "delivery").filter(request=request)
        decision = decisions.first()
        if decision is None:
            return None
        run = Run.objects.filter(run_name=request.run_name).first()
        return cls(request, decision, getattr(decision, "delivery", None), run, timezone.now())

    @property
    def answer(self) -> Node | None:
        """The structured answer, drawn."""
        return answer_shown(self.request, self.decision.response)

    @property
    def allowed(self) -> str:
        """The lower amount that it approves, in words; nothing where it approves the whole."""
        return allowed_in_words(self.request, self.decision.response)

    @property
    def lowered_by(self) -> str:
        """Who set that lower amount, where it was somebody else."""
        return lowered_by(self.request, self.decision.response, self.decision.decided_by.username)

    @property
    def is_lost(self) -> bool:
        """Whether another answer was first: said by the delivery, or by the settled item itself."""
        if self.is_unheard:
            return False
        if self.delivery and self.delivery.state == Delivery.State.LOST:
            return True
        winner = (self.request.decision or {}).get("decision_id")
        return not self.request.is_pending and winner != str(self.decision.decision_id)

    @property
    def is_unheard(self) -> bool:
        """Whether the run had ended before it could follow this answer."""
        return bool(self.request.orphaned)

    @property
    def is_stuck(self) -> bool:
        """Whether it goes on only when an admin acts."""
        return bool(self.delivery and self.delivery.state == Delivery.State.STUCK and self.request.is_pending)

    @property
    def is_slow(self) -> bool:
        """Whether the last try failed and the next one is planned."""
        queued = self.delivery and self.delivery.state == Delivery.State.QUEUED
        return bool(queued and self.delivery and self.delivery.error_kind and self.request.is_pending)

    @property
    def is_final(self) -> bool:
        """Whether nothing more is to be told: lost, or settled and the run ended or waits for somebody else."""
        if self.is_lost or self.is_unheard:
            return True
        return not self.request.is_pending and (self.run is None or self.run.has_ended or self.run.status == "waiting")

    @property
    def winner(self) -> dict[str, str]:
        """Who decided instead: decision, decided_by, decided_at as far as known."""
        told = self.delivery.winner if self.delivery else None
        return told or self.request.decision or {"decision": self.request.status}

    @property
    def won(self) -> str:
        """What the answer that counts is called, within a sentence."""
        return outcome_words(str(self.winner.get("decision") or ""))

    @property
    def winner_at(self) -> datetime | None:
        """When the answer that counts was given, as far as known."""
        return moment_of(self.winner.get("decided_at"))

    @property
    def steps(self) -> list[Step]:
        """The lines of the receipt, in order."""
        delivery = self.delivery
        reached = [
            (_("Recorded here"), self.decision.decided_at, _("It cannot get lost any more.")),
            (_("Written to the request"), delivery.written_at if delivery else None, ""),
            (_("Taken by the workflow"), delivery.accepted_at if delivery else None, ""),
            (_("Settled"), None if self.is_lost or self.is_unheard else self.request.settled_at, ""),
        ]
        # What came later proves what came before, also where its own time was never told.
        furthest = max(number for number, (_label, moment, _note) in enumerate(reached) if moment)
        steps = [
            Step(label, self._state(number, furthest), moment, note if furthest == 0 and not self.is_lost else "")
            for number, (label, moment, note) in enumerate(reached)
        ]
        return [*steps, self._last(settled=furthest == len(reached) - 1)]

    def _state(self, number: int, furthest: int) -> str:
        if number <= furthest:
            return "done"
        if number == furthest + 1:
            return "failed" if self.is_stuck or self.is_lost or self.is_unheard else "now"
        return "later"

    def _last(self, *, settled: bool) -> Step:
        if self.run and self.run.has_ended:
            return Step(_("Run finished: {state}").format(state=state_words(self.run)), "done", self.run.updated_at)
        if settled and self.run and self.run.status == "waiting":
            return Step(_("The run goes on and waits for the next answer"), "done")
        return Step(_("Run finished"), "now" if settled else "later")

    @property
    def said(self) -> str:
        """The news in one sentence, for people who hear the page."""
        if self.is_lost:
            return _("Another answer came first.")
        if self.is_unheard:
            return _("The run ended before it could follow the answer.")
        if self.is_stuck:
            return _("The answer could not be delivered.")
        return [step.label for step in self.steps if step.state == "done"][-1]

    @property
    def seconds_to_next(self) -> int:
        """When the page should ask again."""
        age = self.now - self.decision.decided_at
        if age < FIRST_MINUTE:
            return 1
        return 5 if age < FIRST_TEN_MINUTES else 30

    @property
    def digest(self) -> str:
        """What the receipt says in short, so that asking again without news sends nothing."""
        delivery = self.delivery
        told = (delivery.state, delivery.error_kind) if delivery else ()
        return "-".join(["".join(step.state[0] for step in self.steps), *told, str(self.seconds_to_next)])

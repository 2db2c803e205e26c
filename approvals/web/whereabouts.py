"""Where submissions are and what comes next, for any number of them in a constant number of queries."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, Decision, Delivery, Run, Submission
from approvals.policy.answerable import blocked, was_noticed
from approvals.policy.turn import asked_by_name
from approvals.policy.wanted import read_wanted
from approvals.web.approved import allowed_by, allowed_in_words, lowered_by
from approvals.web.endings import ENDINGS, ending, fault_for, state_of
from approvals.web.formats import moment_of
from approvals.web.forms import sheet_of
from approvals.web.labels import label
from approvals.web.names import names_of
from approvals.web.progress_notes import progress_words
from approvals.web.terms import outcome_label
from approvals.web.waiting_words import waiting_words
from approvals.web.way import DONE, FAILED, LATER, NOW, Step, others_in

# The step by which a run tells that a small amount passes.
PASSES = "auto-approval"


@dataclass
class Whereabouts:
    """A submission with all that the portal knows about its way."""

    submission: Submission
    delivery: Delivery | None = None
    run: Run | None = None
    requests: list[ApprovalRequest] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """Full names by username, of the people whom it names."""
    blocked: dict[int, str] = field(default_factory=dict)
    """Why nobody can answer a request of it, by its id, where that was noticed."""
    in_full: bool = False
    """Whether it is shown to somebody who may read why a run failed in the workflow's own words."""

    @property
    def waiting(self) -> ApprovalRequest | None:
        """The request that waits for an answer now."""
        return next((request for request in reversed(self.requests) if request.is_pending), None)

    @property
    def last(self) -> ApprovalRequest | None:
        """The request that came last; a question to operators decides nothing about the submission."""
        return next((request for request in reversed(self.requests) if request.kind != "question"), None)

    @property
    def decided(self) -> Decision | None:
        """The decision of the waiting request that is on its way to the workflow."""
        return getattr(self.waiting, "recorded", None) if self.waiting else None

    @property
    def state(self) -> str:
        """One word for a badge: the submission's state until there is a run, then the run's."""
        if self.run is None:
            stuck = self.delivery and self.delivery.state == Delivery.State.STUCK
            return "stuck" if stuck else self.submission.state
        return state_of(self.run)[0]

    @property
    def state_label(self) -> str:
        """The word as people read it."""
        if self.state == "succeeded" and (sheet := sheet_of(self.submission.workflow)):
            return sheet.ending(self.run.result if self.run else None)
        if self.state == "denied" and self.last and self.last.status == "rejected":
            return _("Rejected")  # by somebody; a rule denies
        return _("Not started") if self.state == "stuck" else label(self.state)

    @property
    def is_open(self) -> bool:
        """Whether something may still change by itself."""
        if self.submission.state != Submission.State.SUBMITTED:
            return False
        return self.run is None or not self.run.has_ended

    @property
    def may_start_again(self) -> bool:
        """Whether a copy is the way on: it was withdrawn, or ended otherwise than well."""
        if self.submission.state == Submission.State.WITHDRAWN:
            return True
        return bool(self.run and self.run.has_ended and self.run.status != "succeeded")

    @property
    def sentence(self) -> str:
        """Where it is, in one sentence without names."""
        if self.submission.state != Submission.State.SUBMITTED:
            is_draft = self.submission.state == Submission.State.DRAFT
            return _("Not sent yet") if is_draft else _("Withdrawn before it started")
        if self.run is None:
            return self._before_the_run()
        if self.run.has_ended:
            return self._at_the_end(self.run)
        return self._under_way()

    def _under_way(self) -> str:
        if self.decided:
            return _("{answer}, on its way to the workflow").format(answer=outcome_label(self.decided.choice))
        if self.waiting:
            return self._waiting_words(self.waiting)
        return _("The workflow is at work")

    def _waiting_words(self, request: ApprovalRequest) -> str:
        return waiting_words(request, self.names, is_blocked=request.pk in self.blocked)

    def _before_the_run(self) -> str:
        if self.delivery is None or self.delivery.state == Delivery.State.DELIVERED:
            return _("Started; the workflow has not reported yet")
        if self.delivery.state == Delivery.State.STUCK:
            return _("Could not be started; an admin has to look at it")
        if self.delivery.error_kind:
            return _("AWS does not answer; it starts as soon as AWS does")
        return _("Recorded, about to start")

    def _at_the_end(self, run: Run) -> str:
        if run.status == "succeeded":
            if self.requests:
                return self.state_label
            return _("{end}; nobody had to be asked").format(end=self.state_label)
        if run.status == "failed":
            return _("The workflow failed")
        return ending(self.last) if self.last and self.last.status in ENDINGS else label(self.state)

    @property
    def allowed(self) -> Decimal | None:
        """What a yes allowed, where that is less than was asked."""
        agreed = [request for request in self.requests if request.status == "approved"]
        named = [allowed_by(request, (request.decision or {}).get("response")) for request in agreed]
        return min((amount for amount in named if amount is not None), default=None)

    @property
    def reason(self) -> str:
        """What the person who decided wrote, or which rule said no, when it went otherwise than well."""
        if self.run and self.run.status == "succeeded":
            return ""
        if self.last and self.last.status != "approved":
            return str((self.last.decision or {}).get("comments") or "")
        return str(self.result.get("reason") or "") if self.run and self.run.status == "denied" else ""

    @property
    def fault(self) -> str:
        """Why the run failed."""
        told = str((self.run.error or {}).get("message") or "") if self.run else ""
        return fault_for(self.in_full, told, self.requests)

    @property
    def result(self) -> dict[str, Any]:
        """What the run gave back."""
        return self.run.result or {} if self.run else {}

    @property
    def steps(self) -> list[Step]:
        """The way from here to the end, as far as it is known."""
        sent = self.submission.submitted_at
        if self.submission.state == Submission.State.WITHDRAWN:
            return [Step(_("Submitted"), DONE, sent), Step(_("Withdrawn"), FAILED, self.submission.updated_at)]
        return [
            Step(_("Submitted"), DONE, sent),
            self._start(),
            *self._passed(),
            *self._asked(),
            *self._to_come(),
            self._end(),
        ]

    def _start(self) -> Step:
        if self.run:
            return Step(_("Workflow started"), DONE, self.run.created_at)
        stuck = self.delivery and self.delivery.state == Delivery.State.STUCK
        return Step(_("Workflow started"), FAILED if stuck else NOW, note=f"{self._before_the_run()}.")

    def _passed(self) -> list[Step]:
        """Why nobody is asked, in the run's own words."""
        lines = [line for line in (self.run.progress if self.run else []) if isinstance(line, dict)]
        return [
            Step(_("Passed without a person"), DONE, moment_of(line.get("at")), _told(line))
            for line in lines
            if line.get("step") == PASSES
        ]

    def _asked(self) -> list[Step]:
        return [self._stage(request) for request in self.requests]

    def _stage(self, request: ApprovalRequest) -> Step:
        called, decision = self._stage_label(request), request.decision or {}
        if request.is_pending:
            if recorded := getattr(request, "recorded", None):
                note = _("{answer}; on its way to the workflow.").format(answer=outcome_label(recorded.choice))
                by, away = recorded.decided_by.username, recorded.for_person
                return Step(called, NOW, recorded.decided_at, note, by, for_whom=away.username if away else "")
            # What nobody can answer has a deadline all the same: it is told with what helps.
            due = None if request.pk in self.blocked else request.answer_by
            return Step(called, NOW, note=f"{self._waiting_words(request)}.", due=due)
        state = DONE if request.status == "approved" or self._went_on_from(request) else FAILED
        allowed = allowed_in_words(request, decision.get("response"))
        note = " ".join(filter(None, [ending(request), allowed]))
        if lowering := lowered_by(request, decision.get("response"), str(decision.get("decided_by") or "")):
            note = _("{end} ({person} set the lower amount)").format(end=note, person=lowering)
        # The reason of an end stands above the steps.
        said = str(decision.get("comments") or "") if state == DONE or self.is_open else ""
        told = _("{end}: {reason}").format(end=note, reason=said) if said else f"{note}."
        by = str(decision.get("decided_by") or "")
        return Step(
            called, state, request.settled_at, told, by, for_whom=request.decided_for, others=others_in(request)
        )

    def _went_on_from(self, request: ApprovalRequest) -> bool:
        """Whether an answer other than the yes was a step on the way: the run went well, or asked something else."""
        if request.status != "rejected":
            return False
        if request.kind == "question":
            return True
        return bool(self.run and self.run.status == "succeeded") or request is not self.requests[-1]

    def _stage_label(self, request: ApprovalRequest) -> str:
        sheet = sheet_of(request.workflow)
        called = (sheet.stages if sheet else {}).get(request.stage) or label(request.stage)
        before = [one for one in self.requests[: self.requests.index(request)] if one.stage == request.stage]
        if not before:
            return called
        again = _("{stage}, next level") if before[-1].status == "timeout" else _("{stage}, again")
        return again.format(stage=called)

    def _to_come(self) -> list[Step]:
        sheet = sheet_of(self.submission.workflow)
        if sheet is None or self._passed() or (self.run and self.run.has_ended):
            return []
        seen = {request.stage for request in self.requests}
        return [
            Step(called, LATER, note=sheet.stage_notes.get(stage, sheet.stage_note))
            for stage, called in sheet.stages.items()
            if stage not in seen
        ]

    def _end(self) -> Step:
        sheet = sheet_of(self.submission.workflow)
        finish = sheet.finish if sheet else _("Finished")
        if not (self.run and self.run.has_ended):
            return Step(finish, LATER)
        if self.run.status == "succeeded":
            return Step(self.state_label, DONE, self.run.updated_at)
        return Step(self.state_label, FAILED, self.run.updated_at)

    @property
    def digest(self) -> str:
        """What would look different on the page, in short: the same digest means that there are no news."""
        parts = [self.state, self.sentence, *(f"{step.label}{step.state}{step.at}" for step in self.steps)]
        return hash_of("|".join(parts))

    @property
    def usernames(self) -> set[str]:
        """The people whom the page names."""
        named = {name for request in self.requests for name in asked_by_name(request)[0]}
        recorded = {one.recorded.decided_by.username for one in self.requests if getattr(one, "recorded", None)}
        deciders = {str((request.decision or {}).get("decided_by") or "") for request in self.requests}
        for step in self.steps:
            deciders |= {step.for_whom, *(name for pair in step.others for name in pair)}
        return named | recorded | deciders | {self.submission.requester.username}


def hash_of(text: str) -> str:
    """Return twelve digits that stand for a text, the same in every process."""
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def whereabouts(submissions: Iterable[Submission]) -> list[Whereabouts]:
    """Return where each of them is, in their order; a constant number of queries however many there are."""
    found = list(submissions)
    run_names = [one.run_name for one in found if one.run_name]
    runs = {run.run_name: run for run in Run.objects.filter(run_name__in=run_names)}
    deliveries = {one.submission_id: one for one in Delivery.objects.filter(submission__in=found)}
    requests: dict[str, list[ApprovalRequest]] = defaultdict(list)
    asked_in_runs = ApprovalRequest.objects.filter(run_name__in=run_names).annotate(noticed=was_noticed())
    related = ("waits_for", "recorded__decided_by", "recorded__for_person")
    every = list(asked_in_runs.select_related(*related).order_by("created_at", "id"))
    for request in every:
        requests[request.run_name].append(request)
    read_wanted(every)
    stuck = {one.pk: why for one in every if one.noticed and (why := blocked(one))}
    places = [
        Whereabouts(one, deliveries.get(one.pk), runs.get(one.run_name or ""), requests[one.run_name or ""])
        for one in found
    ]
    names = names_of({name for place in places for name in place.usernames})
    for place in places:
        place.names, place.blocked = names, stuck
    return places


def _told(line: dict[str, Any]) -> str:
    return progress_words(str(line.get("message") or ""), {})

"""What a notification says, in the list and in the mail, for any number of them in a constant number of queries."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from approvals.models import ApprovalRequest, Comment, Delivery, Handover, Notification, Topic
from approvals.models.mirror import RequestStatus
from approvals.models.notifying import ASKING
from approvals.policy.answerable import advice_on
from approvals.policy.wording import seat_words
from approvals.web.approved import allowed_in_words
from approvals.web.away_words import away_words
from approvals.web.closings import decider, how_it_ended
from approvals.web.endings import state_of
from approvals.web.formats import exact, money
from approvals.web.forms import sheet_of
from approvals.web.markup import in_words
from approvals.web.names import names_of
from approvals.web.terms import outcome_label

EXCERPT = 160
# The id of a later attempt of the same stage (design.md §4).
LATER_LEVEL = re.compile(r"\.[0-9]+$")
# A run's end: its word, and what it means to whoever asked.
RUN_ENDS = {
    "denied": (gettext_lazy("Rejected"), gettext_lazy("It ended with a no.")),
    "failed": (gettext_lazy("Failed"), gettext_lazy("The workflow failed. An admin can see why.")),
    "timed_out": (gettext_lazy("Timed out"), gettext_lazy("Nobody answered in time.")),
    "cancelled": (gettext_lazy("Cancelled"), gettext_lazy("The run was stopped.")),
}
TONES = {"approved": "good", "succeeded": "good", "rejected": "bad", "denied": "bad", "error": "bad", "failed": "bad"}


@dataclass(frozen=True)
class Telling:
    """One notification in words. ``heading`` and ``sentence`` hold text from elsewhere: show them as such."""

    notification: Notification
    label: str
    heading: str
    sentence: str
    address: str
    icon: str
    tone: str = "info"
    action: str = ""

    @property
    def request(self) -> ApprovalRequest | None:
        """The request that it is about, where there is one."""
        return self.notification.request

    @property
    def is_unread(self) -> bool:
        """Whether it still counts."""
        return self.notification.read_at is None and self.notification.over_at is None

    @property
    def is_over(self) -> bool:
        """Whether it asked for an answer that is no longer needed."""
        return self.notification.over_at is not None

    @property
    def asks(self) -> bool:
        """Whether it asks for an answer."""
        return self.notification.occasion.topic in ASKING

    @property
    def at(self) -> datetime:
        """When it was told."""
        return self.notification.created_at


@dataclass(frozen=True)
class _Sources:
    """What the words are made of besides the rows themselves."""

    names: dict[str, str]
    comments: dict[int, Comment]
    handovers: dict[int, Handover]
    instead_of: dict[tuple[str, str], str]
    """Who did not answer in time, by run and stage."""
    locale: str

    def name(self, username: object) -> str:
        """The full name of a person, or what they are called."""
        return self.names.get(str(username)) or str(username)


def tellings_of(notifications: Iterable[Notification], locale: str) -> list[Telling]:
    """Return the words of each. The notifications come with their occasion and request."""
    rows = list(notifications)
    wanted = [row.occasion.data["comment"] for row in rows if "comment" in row.occasion.data]
    comments = Comment.objects.select_related("author").prefetch_related("mentions").in_bulk(wanted)
    handed = [row.occasion.data["handover"] for row in rows if "handover" in row.occasion.data]
    handovers = Handover.objects.select_related("by").in_bulk(handed)
    usernames = [name for row in rows if (it := row.request) for name in (it.requester, decider(it), it.decided_for)]
    usernames += [str(row.occasion.data.get(name) or "") for row in rows for name in ("person", "deputy")]
    seats = (seat for row in rows for key in ("before", "asked") for seat in row.occasion.data.get(key) or [])
    usernames += [str(seat).removeprefix("user:") for seat in seats]
    sources = _Sources(names_of(usernames), comments, handovers, _unanswered(rows), locale)
    return [WORDS[Topic(row.occasion.topic)](row, sources) for row in rows]


def _unanswered(rows: Iterable[Notification]) -> dict[tuple[str, str], str]:
    """Return who was asked in vain before those requests that a stage escalated to (``….2`` and on)."""
    requests = [row.request for row in rows if row.request and row.occasion.topic == Topic.TURN]
    runs = {request.run_name for request in requests if LATER_LEVEL.search(request.approval_id)}
    if not runs:
        return {}
    earlier = ApprovalRequest.objects.filter(run_name__in=runs, status=RequestStatus.TIMEOUT).order_by("created_at")
    return {(one.run_name, one.stage): one.asked for one in earlier.only("run_name", "stage", "policy")}


def _heading(row: Notification) -> str:
    if row.request is not None:
        return row.request.title or row.request.approval_id
    return str(row.occasion.data.get("title") or row.occasion.subject)


def _address(row: Notification) -> str:
    if row.request is not None:
        return reverse("request", args=[row.request.approval_id])
    return reverse("run", args=[row.occasion.subject])


def _turn(row: Notification, sources: _Sources) -> Telling:
    request = row.request
    assert request is not None  # noqa: S101 (its occasion is about one)
    if "step_end" in row.occasion.data:
        return _escalated_to_them(row, sources)
    due = exact(request.answer_by)
    if request.kind == "revision" and request.requester == row.person.username:
        wanted = f"{request.summary.rstrip('.')}. " if request.summary else ""
        sentence = wanted + _("Send the new version by {due}.").format(due=due)
        return _of(row, _("Changes are wanted"), sentence, "edit", _("Make the changes"))
    who = sources.name(request.requester)
    amount = money(request.amount, request.currency, sources.locale)
    asks = _("{who} asks for {amount}. Answer by {due}.") if amount else _("{who} asks. Answer by {due}.")
    asked = asks.format(who=who, amount=amount, due=due)
    if by_name := _asked_by_name(row, sources):
        return _of(row, _("Your answer is wanted"), f"{by_name} {asked}", "users", _("Look at it and answer"))
    earlier = sources.instead_of.get((request.run_name, request.stage))
    if earlier and LATER_LEVEL.search(request.approval_id):
        in_vain = _("Nobody of {asked} answered in time.").format(asked=earlier)
        sentence = f"{in_vain} {asked}"
        return _of(row, _("Escalated to you"), sentence, "alert", _("Look at it and answer"), tone="warn")
    if row.for_person is not None:
        stands_in = _("You answer for {person}, who is away.").format(person=row.for_person)
        return _of(row, _("Your answer is wanted"), f"{stands_in} {asked}", "users", _("Look at it and answer"))
    return _of(row, _("Your answer is wanted"), asked, "inbox", _("Look at it and answer"))


def _asked_by_name(row: Notification, sources: _Sources) -> str:
    """Who put it to this very person, and why; nothing for whoever else is told of it."""
    handed = sources.handovers.get(row.occasion.data.get("handover", 0))
    if handed is None or handed.taker_id != row.person_id or handed.by_id == row.person_id:
        return ""
    return _("{who} asks you to answer it: {reason}.").format(who=handed.by, reason=_quoted(handed.reason.rstrip(".")))


def _reminder(row: Notification, sources: _Sources) -> Telling:
    request = row.request
    assert request is not None  # noqa: S101
    ends = row.occasion.data.get("due")
    due = exact(datetime.fromisoformat(ends) if ends else request.expires_at)
    sentence = _("{who} still waits for an answer, due {due}.").format(who=sources.name(request.requester), due=due)
    return _of(row, _("Reminder"), sentence, "clock", _("Look at it and answer"), tone="warn")


def _over(row: Notification, sources: _Sources) -> Telling:
    request = row.request
    assert request is not None  # noqa: S101
    if "step_end" in row.occasion.data:
        sentence = _("The time for an answer is over: {people} did not answer within it. You need not answer any more.")
        return _of(row, _("No longer needed"), sentence.format(people=_people(row, "before", sources)), "check")
    sentence = how_it_ended(request, sources.name) + " " + _("You need not answer.")
    return _of(row, _("No longer needed"), sentence, "check")


def _outcome(row: Notification, sources: _Sources) -> Telling:
    request = row.request
    if request is None:
        return _end_of_run(row)
    if "step_end" in row.occasion.data:
        return _end_of_step(row, sources)
    state, label = state_of(request)
    if state in {"approved", "rejected"}:
        label = outcome_label(str((request.decision or {}).get("decision") or state))
    said = str((request.decision or {}).get("comments") or "")
    sentence = how_it_ended(request, sources.name)
    response = (request.decision or {}).get("response")
    if state == "approved" and (allowed := allowed_in_words(request, response, sources.locale)):
        sentence += " " + _("{amount} is approved.").format(amount=allowed)
    if said and state != "error":
        sentence = f"{sentence} {_quoted(said)}"
    return _of(row, label, sentence, "check" if state == "approved" else "info", tone=TONES.get(state, "info"))


def _escalated_to_them(row: Notification, sources: _Sources) -> Telling:
    request = row.request
    assert request is not None  # noqa: S101
    people, name = capfirst(_people(row, "before", sources)), sources.name(request.requester)
    sentence = _("{people} did not answer in time. {name} asks you. Answer by {due}.")
    sentence = sentence.format(people=people, name=name, due=exact(request.answer_by))
    return _of(row, _("Escalated to you"), sentence, "alert", _("Look at it and answer"), tone="warn")


def _end_of_step(row: Notification, sources: _Sources) -> Telling:
    """What the requester hears when the time of a policy's step is over."""
    request, people = row.request, capfirst(_people(row, "before", sources))
    assert request is not None  # noqa: S101
    if row.occasion.data["step_end"] == "escalated":
        sentence = _("{people} did not answer in time. Asked as well now: {asked}.")
        return _of(row, _("Escalated"), sentence.format(people=people, asked=_people(row, "asked", sources)), "clock")
    sentence = _("{people} did not answer in time, and no answer is taken any more. The workflow goes on by {due}.")
    return _of(row, _("Nobody answered"), sentence.format(people=people, due=exact(request.expires_at)), "clock")


def _people(row: Notification, of: str, sources: _Sources) -> str:
    """Who was asked: the seats that the occasion names, in words."""
    return ", ".join(seat_words(str(seat), sources.names) for seat in row.occasion.data.get(of) or [])


def _end_of_run(row: Notification) -> Telling:
    data = row.occasion.data
    status = str(data.get("status"))
    sheet = sheet_of(str(data.get("workflow")))
    finished = (sheet.finish if sheet else _("Finished"), _("It is done; the workflow has finished."))
    label, sentence = RUN_ENDS.get(status, finished)
    return _of(
        row, str(label), str(sentence), "check" if status == "succeeded" else "info", tone=TONES.get(status, "info")
    )


def _comment(row: Notification, sources: _Sources) -> Telling:
    comment = sources.comments.get(row.occasion.data["comment"])
    sentence = f"{comment.author}: {_excerpt(_in_words(comment))}" if comment else _("The comment is gone.")
    label = _("You are named in a comment") if "mentions" in row.occasion.data else pgettext("noun", "Comment")
    return _of(row, label, sentence, "comment", _("Read and answer"))


def _office(row: Notification, sources: _Sources) -> Telling:
    data = row.occasion.data
    if "unanswerable" in data:
        return _of(row, _("Nobody can answer"), advice_on(row.request), "alert", _("See whom it asks"), tone="bad")
    if row.request is not None:
        sentence = _("Its deadline was {passed}, and the workflow has not closed it. Is it running?").format(
            passed=exact(row.request.expires_at)
        )
        return _of(row, _("Overdue"), sentence, "alert", _("See what holds it up"), tone="bad")
    # A delivery's key begins with its kind; what was kept besides is in English.
    kinds = {kind.value: str(kind.label) for kind in Delivery.Kind}
    what = kinds.get(row.occasion.subject.partition(":")[0], data.get("what"))
    address = reverse("admin:approvals_delivery_change", args=[data["pk"]])
    return Telling(
        row, _("Stuck delivery"), f"{what}: {row.occasion.subject}", str(data.get("error") or ""),
        address, "alert", "bad", _("Put it right"),
    )  # fmt: skip


def _away(row: Notification, sources: _Sources) -> Telling:
    label, heading, sentence = away_words(row, sources.name)
    return Telling(row, label, heading, sentence, reverse("away"), "users", action=_("See who answers"))


def _of(row: Notification, label: str, sentence: str, icon: str, action: str = "", *, tone: str = "info") -> Telling:
    return Telling(row, label, _heading(row), sentence, _address(row), icon, tone, action or _("Open it"))


def _in_words(comment: Comment) -> str:
    return in_words(comment.body, {person.username: person.get_full_name() for person in comment.mentions.all()})


def _quoted(text: str) -> str:
    # Translators: what somebody wrote, in the quotation marks of the language.
    return pgettext("quotation", "“{words}”").format(words=_excerpt(text))


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT].rstrip()}…"


WORDS: dict[Topic, Callable[[Notification, _Sources], Telling]] = {
    Topic.TURN: _turn,
    Topic.REMINDER: _reminder,
    Topic.OVER: _over,
    Topic.OUTCOME: _outcome,
    Topic.COMMENT: _comment,
    Topic.OFFICE: _office,
    Topic.AWAY: _away,
}

"""As whom somebody answers a request: for themselves, or for somebody who is away and named them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.models import Absence, ApprovalRequest, User
from approvals.policy.floor import in_audience
from approvals.policy.standing import Standing
from approvals.policy.turn import away_from
from approvals.policy.viewer import Viewer
from approvals.policy.wording import moment_words


@dataclass(frozen=True)
class Acting:
    """A deputy's part in one request: the absence by which they answer, and whose place they take."""

    absence: Absence
    holder: Viewer

    @property
    def person(self) -> User:
        """Who is away."""
        return self.absence.person

    @property
    def reason(self) -> str:
        """The right in a sentence."""
        until = moment_words(self.absence.until)
        return _("You answer for {person}, who is away until {until}.").format(person=self.person, until=until)


def acting_for(viewer: Viewer, request: ApprovalRequest, now: datetime | None = None) -> Acting | None:
    """Return for whom the person would answer; None where it would be for themselves, or not at all.

    Who is asked themselves answers for themselves, and who gave their own place away answers for nobody: one person
    gives one answer. Of several who are away, it is the one who named them first. What bars the deputy is not looked
    at here.
    """
    if in_audience(viewer, request) and request.waits_for_id is None:
        return None
    moment = now or timezone.now()
    named = [one for one in viewer.stands_in if one.holds(request.workflow, moment)]
    if not named or _answers_alone(viewer, request):
        return None
    # Asked anew: it may have been ended since the viewer was read.
    holding = Absence.objects.in_force(moment).filter(pk__in=[one.pk for one in named])
    found = holding.filter(person__in=away_from(request).values("pk")).select_related("person").order_by("id").first()
    return Acting(found, viewer.holder_of(found)) if found else None


def _answers_alone(viewer: Viewer, request: ApprovalRequest) -> bool:
    standing = Standing.of(request)
    if standing is not None and viewer.username in standing.effective.places.out:
        return True
    return in_audience(viewer, request) and (standing is None or bool(standing.answers_as(viewer)))

"""A person as the policy sees them."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast
from django.utils import timezone

from approvals.models import Absence, Actor, AudienceMember, User
from approvals.models.away import AbsenceQuerySet
from approvals.models.turns import Scope

ADMINS = "admins"
AUDITORS = "auditors"


@dataclass(frozen=True)
class Viewer:
    """A signed-in person with the groups they are in at this moment (ASVS 8.3.2: read anew for each request)."""

    user: User
    groups: frozenset[str]
    address: str | None = None
    origin: str = ""
    is_concerned: bool = True
    """Whether an absence may concern them; where it is known that none does, nobody asks again."""

    @classmethod
    def of(cls, user: User, address: str | None = None, origin: str = "") -> "Viewer":
        """Read the person's groups, and whether any absence concerns them now: every page asks both, so in one.

        ``origin`` is where they act from, if not the pages.
        """
        groups = user.groups.annotate(kind=Value("group")).values_list("kind", "name")
        absences = _concerning(user).annotate(kind=Value("absence"), key=Cast("pk", CharField()))
        found = list(groups.order_by().union(absences.order_by().values_list("kind", "key"), all=True))
        named = frozenset(name for kind, name in found if kind == "group")
        return cls(user, named, address, origin, is_concerned=len(found) > len(named))

    @property
    def username(self) -> str:
        """The name that items, policies and the record use."""
        return self.user.username

    def is_called(self, name: str) -> bool:
        """Whether the name means this person, in any case of letters: barring must not hang on a capital.

        Being asked does: ``in_audience`` compares exactly, so a misspelt policy asks nobody rather than somebody else.
        """
        return self.username.casefold() == name.casefold()

    @property
    def actor(self) -> Actor:
        """The person as the record names them."""
        return Actor(self.username, self.address, self.origin)

    @property
    def is_active(self) -> bool:
        """Whether the account is usable at all."""
        return self.user.is_active

    @property
    def is_admin(self) -> bool:
        """Runs the portal: sees everything, cancels, retries; decides only where a policy names them."""
        return self.user.is_superuser or ADMINS in self.groups

    @property
    def is_auditor(self) -> bool:
        """Sees everything and changes nothing."""
        return AUDITORS in self.groups

    @property
    def sees_all(self) -> bool:
        """Whether no request is hidden from them."""
        return self.is_admin or self.is_auditor

    @property
    def principals(self) -> list[str]:
        """The names by which a policy can mean this person."""
        return [f"user:{self.username}", *(f"group:{name}" for name in sorted(self.groups))]

    @cached_property
    def absences(self) -> list[Absence]:
        """What holds at this moment: they are away themselves, or somebody's deputy. One question for both."""
        if not self.is_concerned:
            return []
        return list(_concerning(self.user).select_related("person", "deputy").order_by("id"))

    @property
    def away(self) -> list[Absence]:
        """By which they are away now; several where each is for other workflows."""
        return [one for one in self.absences if one.person_id == self.user.pk]

    @cached_property
    def stands_in(self) -> list[Absence]:
        """By which they are the deputy of somebody now, the first named first."""
        return [one for one in self.absences if one.deputy_id == self.user.pk]

    @cached_property
    def _holders(self) -> "dict[int, Viewer]":
        people = User.objects.filter(pk__in={one.person_id for one in self.stands_in}).prefetch_related("groups")
        return {one.pk: Viewer(one, frozenset(group.name for group in one.groups.all())) for one in people}

    def holder_of(self, absence: Absence) -> "Viewer":
        """Return whom they stand in for, as the policy sees that person."""
        return self._holders[absence.person_id]

    @cached_property
    def others(self) -> list[Scope]:
        """What they answer for people who are away, besides what is put to them. Asks nothing where there is nobody."""
        if not self.stands_in:
            return []
        wanted = {principal for holder in self._holders.values() for principal in holder.principals}
        members = AudienceMember.objects.filter(principal__in=wanted).order_by("audience_id")
        listed = list(members.values_list("audience_id", "principal"))
        scopes = []
        for absence in self.stands_in:
            holder = self.holder_of(absence)
            mine = dict.fromkeys(audience for audience, principal in listed if principal in holder.principals)
            scopes.append(Scope(holder.username, tuple(mine), absence.only))
        return scopes

    @cached_property
    def _memberships(self) -> list[tuple[int, str]]:
        members = AudienceMember.objects.filter(principal__in=self.principals).order_by("audience_id")
        return list(members.values_list("audience_id", "principal"))

    @cached_property
    def audiences(self) -> list[int]:
        """Ids of the audiences that the person belongs to, by name or by group."""
        return list(dict.fromkeys(audience for audience, _ in self._memberships))

    @cached_property
    def own_audiences(self) -> list[int]:
        """Ids of the audiences that name the person, rather than a group."""
        return [audience for audience, principal in self._memberships if principal == self.principals[0]]

    @cached_property
    def group_audiences(self) -> list[int]:
        """Ids of the audiences that name one of the person's groups."""
        groups = (audience for audience, principal in self._memberships if principal != self.principals[0])
        return list(dict.fromkeys(groups))


def _concerning(user: User) -> AbsenceQuerySet:
    """Return the absences that hold now and in which the person is away, or the deputy."""
    return Absence.objects.in_force(timezone.now()).filter(Q(person=user) | Q(deputy=user))

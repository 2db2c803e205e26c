"""A person as the policy sees them."""

from dataclasses import dataclass
from functools import cached_property

from approvals.models import Actor, AudienceMember, User

ADMINS = "admins"
AUDITORS = "auditors"


@dataclass(frozen=True)
class Viewer:
    """A signed-in person with the groups they are in at this moment (ASVS 8.3.2: read anew for each request)."""

    user: User
    groups: frozenset[str]
    address: str | None = None
    origin: str = ""

    @classmethod
    def of(cls, user: User, address: str | None = None, origin: str = "") -> "Viewer":
        """Read the person's groups. ``origin`` is where they act from, if not the pages."""
        return cls(user, frozenset(user.groups.values_list("name", flat=True)), address, origin)

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

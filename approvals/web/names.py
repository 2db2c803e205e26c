"""Full names for the usernames that items and the record hold."""

from collections.abc import Iterable

from approvals.models import User


def names_of(usernames: Iterable[str]) -> dict[str, str]:
    """Return the full name of each username that is known here and has one."""
    wanted = {name for name in usernames if name}
    people = User.objects.filter(username__in=wanted).only("username", "first_name", "last_name")
    return {person.username: person.get_full_name() for person in people if person.get_full_name()}

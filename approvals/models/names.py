"""Full names for the usernames that items, policies and the record hold."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from approvals.models.groups import group_words
from approvals.models.mirror import ApprovalRequest
from approvals.models.people import User
from approvals.models.sentence import Sentence, english


def names_of(usernames: Iterable[str]) -> dict[str, str]:
    """Return the full name of each username that is known here and has one."""
    wanted = {name for name in usernames if name}
    people = User.objects.filter(username__in=wanted).only("username", "first_name", "last_name")
    return {person.username: person.get_full_name() for person in people if person.get_full_name()}


def name_of(person: User) -> Sentence:
    """Return what a person is called; the record has the username."""
    return Sentence.shown(str(person), recorded=person.username)


def called(usernames: Iterable[str]) -> Sentence:
    """Return the same of several, one behind the other."""
    listed = list(usernames)
    names = names_of(listed)
    return Sentence.shown(", ".join(names.get(name, name) for name in listed), recorded=", ".join(listed))


def asked_of(request: ApprovalRequest) -> Sentence:
    """Return the groups and people whom the workflow asks."""
    people = called(str(name) for name in request.policy.get("users") or [])
    groups = [group_words(str(name)) for name in request.policy.get("groups") or []]
    shown = ", ".join([*groups, *filter(None, [people])])
    return Sentence.shown(shown, recorded=english(request.asked))


def beginning_with(people: "QuerySet[User]", typed: str) -> "QuerySet[User]":
    """Return those with a name that begins as each of the typed words does, in the order of their names."""
    found = people
    for word in typed.split():
        found = found.filter(
            Q(username__istartswith=word) | Q(first_name__istartswith=word) | Q(last_name__istartswith=word)
        )
    return found.order_by("first_name", "last_name", "username")

"""Whom somebody means who types a name."""

import re
from typing import TYPE_CHECKING

from django.db.models import Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from approvals.actions.errors import Invalid
from approvals.models import User
from approvals.models.text import clean, one_line

if TYPE_CHECKING:
    from approvals.models.sentence import Wording

LONGEST_NAME = 150
# A person as the pages offer them: two may have one name.
OFFERED = re.compile(r".+ \((?P<username>[^ ()]{1,150})\)")


def person_called(name: str, field: str, *, missing: "Wording") -> User:
    """Return the one person whom a typed name means. Raises Invalid for the ``field``; ``missing`` asks for a name."""
    typed = " ".join(one_line(clean(name)).split())
    if not typed:
        raise Invalid(field, missing)
    found = _called(typed)
    if not found:
        said = _("Nobody here is called {name}. Write a full name or a username.")
        raise Invalid(field, said, name=typed[:LONGEST_NAME])
    if len(found) > 1:
        raise Invalid(field, _("More than one person here is called {name}. Write the username."), name=typed)
    return found[0]


def _called(name: str) -> list[User]:
    """Return whom a username means, or a full name, or both, ``Ben Berg (ben)``; two where more have it."""
    if found := User.objects.filter(username__iexact=name).first():
        return [found]
    if offered := OFFERED.fullmatch(name):
        return _called(offered["username"])
    if " " not in name:
        return []
    full = Concat("first_name", Value(" "), "last_name")
    return list(User.objects.filter(is_active=True).annotate(full=full).filter(full__iexact=name)[:2])

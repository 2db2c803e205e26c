"""Whom somebody means who types a name."""

import re

from django.db.models import Value
from django.db.models.functions import Concat

from approvals.models import User
from approvals.models.text import clean, one_line

LONGEST_NAME = 150
# A person as the pages offer them: two may have one name.
OFFERED = re.compile(r".+ \((?P<username>[^ ()]{1,150})\)")


def typed_name(name: str) -> str:
    """Return a typed name with its blanks in order."""
    return " ".join(one_line(clean(name)).split())


def people_called(name: str) -> list[User]:
    """Return whom a username means, or a full name, or both, ``Ben Berg (ben)``; two where more have it."""
    if found := User.objects.filter(username__iexact=name).first():
        return [found]
    if offered := OFFERED.fullmatch(name):
        return people_called(offered["username"])
    if " " not in name:
        return []
    full = Concat("first_name", Value(" "), "last_name")
    return list(User.objects.filter(is_active=True).annotate(full=full).filter(full__iexact=name)[:2])

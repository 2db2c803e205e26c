"""Audiences by id: each distinct set of principals is stored once, and asked for once by a mirror."""

from collections.abc import Iterable

from django.db import transaction

from approvals.mirror.rows import Row
from approvals.models import Audience, AudienceMember

MOST_KEPT = 20_000


class Audiences:
    """Ids of audiences, remembered. Committed before any row refers to them; one too many does no harm."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def settled(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows with the id of their audience as last column. Rows without an audience pass."""
        listed = list(rows)
        self._learn({row.audience for row in listed if row.audience is not None})
        return [
            row
            if row.audience is None
            else Row(row.key, row.version, row.status, (*row.columns, self._ids[row.audience]), row.audience)
            for row in listed
        ]

    def _learn(self, keys: set[str]) -> None:
        unknown = keys - self._ids.keys()
        if not unknown:
            return
        if len(self._ids) + len(unknown) > MOST_KEPT:
            self._ids.clear()
            unknown = keys
        self._ids.update(Audience.objects.filter(key__in=unknown).values_list("key", "id"))
        for key in sorted(unknown - self._ids.keys()):
            self._ids[key] = _stored(key)


def _stored(key: str) -> int:
    with transaction.atomic():
        audience, made = Audience.objects.get_or_create(key=key)
        if made:
            AudienceMember.objects.bulk_create(
                AudienceMember(audience=audience, principal=principal) for principal in key.split("\n") if principal
            )
    return audience.pk

"""Who answers for whom, as pages say it: marks in lists, and the notice that one is away."""

from collections.abc import Iterable
from typing import Any

from approvals.models import ApprovalRequest, User
from approvals.policy import Viewer, acting_for


def acting_on(viewer: Viewer, item: ApprovalRequest) -> dict[str, Any]:
    """Return for whom the person would answer the request."""
    return {"acting": acting_for(viewer, item)}


def mark_rows(viewer: Viewer, rows: Iterable[Any]) -> None:
    """Note on each row of what waits for whom the person would answer it: ``row.waits_for_person``.

    Costs nothing for rows that are put to the person; of several who are away the policy says whose it is.
    """
    people = {one.person.username: one.person for one in viewer.stands_in}
    for row in rows if viewer.others else ():
        if isinstance(row, ApprovalRequest) and row.is_pending and not _is_own(viewer, row):
            row.waits_for_person = _away(viewer, row, people)  # type: ignore[attr-defined]


def _is_own(viewer: Viewer, row: ApprovalRequest) -> bool:
    mine = viewer.audiences
    return row.audience_id in mine and (row.waits_for_id is None or row.waits_for_id in mine)


def _away(viewer: Viewer, row: ApprovalRequest, people: dict[str, User]) -> User | None:
    named = [people[scope.username] for scope in viewer.others if scope.holds(row)]
    if len(named) <= 1:
        return named[0] if named else None
    acting = acting_for(viewer, row)
    return acting.person if acting else None

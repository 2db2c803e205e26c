"""The two mirrored tables, as one mechanism sees them."""

from collections.abc import Callable
from dataclasses import dataclass

from approvals.aws import tables as aws
from approvals.aws.items import RawItem, head, read_item
from approvals.mirror.quick import quick_request_row
from approvals.mirror.rows import REQUEST_COLUMNS, RUN_COLUMNS, Row, request_row, run_row
from approvals.models import ApprovalRequest, Run


@dataclass(frozen=True)
class MirrorTable:
    """One table of the mirror: where its items are, how they become rows, where the rows go."""

    name: str
    model: type[ApprovalRequest | Run]
    columns: tuple[str, ...]
    row_of: Callable[[RawItem], Row]
    source: Callable[[], aws.Table]

    @property
    def key(self) -> str:
        """The key's name, the same in item and row."""
        return self.columns[0]

    @property
    def stored_as(self) -> str:
        """The table's name in the portal's database."""
        return self.model._meta.db_table

    def head(self, raw: RawItem) -> tuple[str, int]:
        """An item's key and version."""
        return head(raw, self.columns[0])


def _request_of(raw: RawItem) -> Row:
    return quick_request_row(raw) or request_row(read_item(raw))


def _run_of(raw: RawItem) -> Row:
    return run_row(read_item(raw))


REQUESTS = MirrorTable("ApprovalRequests", ApprovalRequest, REQUEST_COLUMNS, _request_of, aws.approvals)
RUNS = MirrorTable("WorkflowRuns", Run, RUN_COLUMNS, _run_of, aws.runs)
BY_NAME = {table.name: table for table in (REQUESTS, RUNS)}

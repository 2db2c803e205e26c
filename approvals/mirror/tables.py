"""The two mirrored tables, as one mechanism sees them."""

from collections.abc import Callable
from dataclasses import dataclass

from approvals.aws import tables as aws
from approvals.aws.values import WireItem
from approvals.mirror.rows import REQUEST_COLUMNS, RUN_COLUMNS, Row, request_row, run_row
from approvals.models import ApprovalRequest, Run


@dataclass(frozen=True)
class MirrorTable:
    """One table of the mirror: where its items are, how they become rows, where the rows go."""

    name: str
    model: type[ApprovalRequest | Run]
    columns: tuple[str, ...]
    row_of: Callable[[WireItem], Row]
    source: Callable[[], aws.Table]

    @property
    def key(self) -> str:
        """The key's name, the same in item and row."""
        return self.columns[0]

    @property
    def stored_as(self) -> str:
        """The table's name in the portal's database."""
        return self.model._meta.db_table


REQUESTS = MirrorTable("ApprovalRequests", ApprovalRequest, REQUEST_COLUMNS, request_row, aws.approvals)
RUNS = MirrorTable("WorkflowRuns", Run, RUN_COLUMNS, run_row, aws.runs)
BY_NAME = {table.name: table for table in (REQUESTS, RUNS)}

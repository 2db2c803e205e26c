"""A whole table, its segments read side by side, page by page."""

import queue
import threading
from collections.abc import Generator

from approvals.aws.faults import AwsError
from approvals.aws.items import RawItem
from approvals.mirror.tables import MirrorTable

SEGMENTS = 4
# Pages in hand, so that memory does not grow with the table.
PAGES_AHEAD = 8

type Page = list[RawItem]


def pages(table: MirrorTable, segments: int = SEGMENTS) -> Generator[Page]:
    """Give the table's pages as they come; an AwsError of any segment ends it. Close it to stop early."""
    scan = _Scan(table, segments)
    try:
        yield from scan.pages()
    finally:
        scan.stop.set()


class _Scan:
    """Threads that read ahead, and the queue between them and whoever takes the pages."""

    def __init__(self, table: MirrorTable, segments: int) -> None:
        self.stop = threading.Event()
        self._table = table
        self._segments = segments
        self._given: queue.Queue[Page | AwsError | None] = queue.Queue(PAGES_AHEAD)
        for segment in range(segments):
            threading.Thread(target=self._walk, args=(segment,), name=f"scan-{segment}", daemon=True).start()

    def pages(self) -> Generator[Page]:
        running = self._segments
        while running:
            page = self._given.get()
            if isinstance(page, AwsError):
                raise page
            if page is None:
                running -= 1
            elif page:
                yield page

    def _walk(self, segment: int) -> None:
        try:
            for page in self._table.source().pages(segment, self._segments):
                self._give(page)
                if self.stop.is_set():
                    return
            self._give(None)
        except AwsError as fault:
            self._give(fault)

    def _give(self, page: Page | AwsError | None) -> None:
        while not self.stop.is_set():
            try:
                self._given.put(page, timeout=0.2)
            except queue.Full:
                continue
            return

"""Log lines as JSON objects, so that any collector can read them."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import override

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "request",
    "exc_text",
}
# A link of an e-mail, also where it is the value of a parameter. It opens a page only, but is nobody else's business.
EMAIL_LINK = re.compile(r"((?:/|%2F)by-mail(?:/|%2F))[^/\s\"'?&%\\]+", re.IGNORECASE)


def redacted(text: str) -> str:
    """Return the text without what would be a link of an e-mail."""
    return EMAIL_LINK.sub(r"\1[link]", text)


class JsonFormatter(logging.Formatter):
    """Format a record as one JSON object; values given by ``extra`` become keys of their own."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: value for name, value in vars(record).items() if name not in STANDARD})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return redacted(json.dumps(line, default=str))

"""gunicorn's access log without the links of e-mails: ``gunicorn --logger-class portal.access_log.RedactedLogger``."""

from typing import Any, override

from gunicorn.glogging import Logger

from portal.logs import redacted


class RedactedLogger(Logger):  # type: ignore[misc] # gunicorn has no types
    """Writes what gunicorn's own does, with such links shortened wherever they stand."""

    @override
    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """Return the parts of a line."""
        parts: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {name: redacted(part) if isinstance(part, str) else part for name, part in parts.items()}

"""Reading the environment: every fault names the variable and says what to do."""

import os
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
env = environ.Env()
# arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER
QUALIFIED_ARN_COLONS = 7
WORKFLOW_ARN = "_WORKFLOW_ARN"


def required(name: str, meaning: str) -> str:
    """Return the variable, or raise ImproperlyConfigured with a line that names it."""
    value: str = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. It is {meaning}. See the configuration table in README.md.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable; anything that is neither is refused rather than guessed."""
    raw = env.str(name, default="").strip().lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    if not raw:
        return default
    raise ImproperlyConfigured(f"{name} is {raw!r}; it takes true or false.")


def whole_number(name: str, *, default: int, least: int = 0) -> int:
    """Return a whole number of at least ``least``."""
    raw = env.str(name, default=str(default)).strip()
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {raw!r}; it takes a whole number.") from None
    if value < least:
        raise ImproperlyConfigured(f"{name} is {value}; the least is {least}.")
    return value


def web_address(name: str, *, default: str) -> str:
    """Return an absolute http(s) address without a trailing slash."""
    value = env.str(name, default=default).strip().rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ImproperlyConfigured(f"{name} is {value!r}; it takes an address such as https://approvals.example.com.")
    return str(value)


def mail_server(name: str) -> dict[str, object] | None:
    """Return Django's mailer for an address such as ``smtp+tls://user:password@host:587``; None where none is set."""
    raw = env.str(name, default="").strip()
    if not raw:
        return None
    fault = f"{name} cannot be read; it looks like smtp+tls://user:password@mail.example.com:587."
    try:
        told = env.email_url_config(raw)
    except (ValueError, KeyError, ImproperlyConfigured):
        raise ImproperlyConfigured(fault) from None
    backend = str(told["EMAIL_BACKEND"])
    if backend.endswith(".filebased.EmailBackend"):
        return {"BACKEND": backend, "OPTIONS": {"file_path": told["EMAIL_FILE_PATH"]}}
    if not backend.endswith(".smtp.EmailBackend"):
        return {"BACKEND": backend}
    if not told["EMAIL_HOST"]:
        raise ImproperlyConfigured(fault)
    # A server that hangs must not outlast the lease of what is being sent (approvals.mailing.leases).
    options = {"host": told["EMAIL_HOST"], "port": told["EMAIL_PORT"], "timeout": 10}
    options |= {"username": told["EMAIL_HOST_USER"], "password": told["EMAIL_HOST_PASSWORD"]}
    options |= {"use_tls": bool(told.get("EMAIL_USE_TLS")), "use_ssl": bool(told.get("EMAIL_USE_SSL"))}
    return {"BACKEND": backend, "OPTIONS": options}


def mail_address(name: str, *, default: str) -> str:
    """Return an address to write from, with or without a name: ``Countersign <approvals@example.com>``."""
    value: str = env.str(name, default=default).strip()
    try:
        parsed = Address(addr_spec=parseaddr(value)[1])
    except (ValueError, IndexError, MessageError):
        parsed = Address()
    if not parsed.domain:
        raise ImproperlyConfigured(f"{name} is {value!r}; it takes an address such as approvals@example.com.")
    return value


def percentages(name: str, *, default: str) -> tuple[int, ...]:
    """Return whole numbers between 1 and 99, in order, separated by commas; empty switches it off."""
    raw = env.str(name, default=default).strip()
    try:
        found = sorted({int(part) for part in raw.split(",") if part.strip()})
    except ValueError:
        found = [0]
    if any(not 0 < one < 100 for one in found):  # noqa: PLR2004 (per cent)
        raise ImproperlyConfigured(f"{name} is {raw!r}; it takes whole numbers from 1 to 99 such as 50,80, or nothing.")
    return tuple(found)


def workflow_arns() -> dict[str, str]:
    """Return the alias ARN of each workflow that the environment names as ``<NAME>_WORKFLOW_ARN``; one is needed.

    Only a qualified ARN starts a durable function (AWS Lambda guide, "Invoking durable functions").
    """
    arns: dict[str, str] = {}
    for variable in sorted(name for name in os.environ if name.endswith(WORKFLOW_ARN)):
        arn = env.str(variable, default="").strip()
        if not arn:
            continue
        if not arn.startswith("arn:") or arn.count(":") != QUALIFIED_ARN_COLONS:
            raise ImproperlyConfigured(
                f"{variable} is {arn!r}; it takes the alias ARN from the stack's outputs (…:function:NAME:live)."
            )
        arns[variable.removesuffix(WORKFLOW_ARN).lower()] = arn
    if not arns:
        raise ImproperlyConfigured(
            "EXPENSE_WORKFLOW_ARN is not set. It is the alias ARN of the expense workflow, an output of the stack."
        )
    return arns


def database(url: str) -> dict[str, object]:
    """Return Django's settings for a SQLite or PostgreSQL address.

    SQLite gets a write-ahead log, full sync (a recorded decision survives a power cut) and IMMEDIATE
    transactions: with DEFERRED ones the second of two writers fails at once instead of waiting.
    """
    try:
        config: dict[str, object] = dict(env.db_url_config(url))
    except (ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read; it looks like postgres://user:password@host/name."
        ) from None
    engine = config.get("ENGINE")
    if engine == "django.db.backends.sqlite3":
        # Closing the last connection folds the write-ahead log into the file, with two syncs, so requests keep theirs.
        config["CONN_MAX_AGE"] = 600
        Path(str(config["NAME"])).parent.mkdir(parents=True, exist_ok=True)
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            # Pages of 32 MB stay with each connection: of the 2 MB by default a search alone reads more than once.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            " PRAGMA cache_size=-32000;",
        }
    elif engine == "django.db.backends.postgresql":
        config["CONN_MAX_AGE"] = 600
        config["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured("DATABASE_URL names a database other than SQLite or PostgreSQL.")
    return config

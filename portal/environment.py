"""Reading the environment: every fault names the variable and says what to do."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
env = environ.Env()
# arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER
QUALIFIED_ARN_COLONS = 7
# Seconds for each answer of the mail server.
MAIL_TIMEOUT = 20
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


def mailers(url: str) -> dict[str, dict[str, object]]:
    """Return Django's settings for a mail server, or a folder that takes its place; none for an empty text."""
    parts = urlsplit(url.strip())
    if not url.strip():
        return {}
    if parts.scheme == "file" and parts.path:
        folder = {"file_path": unquote(parts.path)}
        return {"default": {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": folder}}
    port = None
    try:
        port = parts.port
        is_readable = bool(parts.hostname)
    except ValueError:
        is_readable = False
    if not is_readable or parts.scheme not in {"smtp", "smtp+tls", "smtp+ssl"}:
        # The value may hold a password, so it is not repeated.
        raise ImproperlyConfigured(
            "MAIL_URL cannot be read; it looks like smtp+tls://user:password@mail.example.com:587."
        )
    options: dict[str, object] = {"host": parts.hostname, "timeout": MAIL_TIMEOUT}
    options |= {"port": port} if port else {}
    if parts.username:
        options |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    if parts.scheme != "smtp":
        options[f"use_{parts.scheme.removeprefix('smtp+')}"] = True
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


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
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    elif engine == "django.db.backends.postgresql":
        config["CONN_MAX_AGE"] = 600
        config["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured("DATABASE_URL names a database other than SQLite or PostgreSQL.")
    return config

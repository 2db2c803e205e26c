"""Signing in, failing to and signing out, on the record."""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from approvals.models import Actor, AuditEvent, User
from approvals.web.middleware import address_of

NOBODY = "system:sign-in"


def connect() -> None:
    """Listen, once."""
    user_logged_in.connect(signed_in, dispatch_uid="record signed in")
    user_logged_out.connect(signed_out, dispatch_uid="record signed out")
    user_login_failed.connect(failed, dispatch_uid="record sign-in failed")
    user_locked_out.connect(locked_out, dispatch_uid="record locked out")


def signed_in(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Record a sign-in."""
    AuditEvent.objects.record(Actor(user.username, address_of(request)), "user.signed_in", user)


def signed_out(sender: object, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Record a sign-out; there is nobody when the session had ended before."""
    if user is not None:
        AuditEvent.objects.record(Actor(user.username, address_of(request)), "user.signed_out", user)


def failed(sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Record a failed sign-in."""
    _record("user.sign_in_failed", str(credentials.get("username", "")), request)


def locked_out(sender: object, request: HttpRequest, username: str | None = None, **kwargs: Any) -> None:
    """Record that an account is closed to one address for a while."""
    _record("user.locked_out", username or "", request)


def _record(action: str, username: str, request: HttpRequest | None) -> None:
    # A password typed into the wrong box must not reach the record: only names of accounts are written down.
    known = "\0" not in username and User.objects.filter(username=username).exists()
    name = username if known else ""
    actor = Actor(name or NOBODY, address_of(request) if request else None)
    AuditEvent.objects.record(actor, action, f"user:{name or 'unknown'}", "" if known else "no such account")

"""Simulated failures, for demonstrations and tests only."""

from hitl.settings import optional


def injection_allowed() -> bool:
    """Whether the stack was deployed with `AllowFailureInjection=true`; nothing else turns it on."""
    return optional("ALLOW_FAILURE_INJECTION") == "true"

"""When votes settle a request."""

from collections.abc import Iterable


def tally(required: int, choices: Iterable[str], yes: str) -> str | None:
    """Return the choice that the votes settle on, or None while more are needed.

    ``yes`` is the request's first option: ``required`` votes for it settle on it. One vote for anything else settles
    at once: a request passes only when nobody who was asked objects.
    """
    agreed = 0
    for choice in choices:
        if choice != yes:
            return choice
        agreed += 1
    return yes if agreed >= required else None

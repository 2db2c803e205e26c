"""Short ids that people can say aloud."""

import secrets

# Crockford's base 32 without I, L, O, U: nothing that is misheard or misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIXES = {"expense": "EXP", "document": "DOC", "moderation": "MOD", "loan": "LOAN", "travel": "TRIP"}


def new_ref(workflow: str) -> str:
    """Return e.g. ``EXP-7K3M9Q2``: 35 random bits, so that a ref cannot be guessed from its neighbour."""
    return f"{PREFIXES[workflow]}-{''.join(secrets.choice(ALPHABET) for _ in range(7))}"


def run_name_of(workflow: str, ref: str) -> str:
    """Return the run's name, the business key that makes starting it idempotent (at most 64 of ``[A-Za-z0-9-_]``)."""
    return f"{workflow}-{ref.partition('-')[2].lower()}"

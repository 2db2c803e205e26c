"""Ids that people can say aloud."""

import secrets

# Crockford's base 32: nothing that is misheard or misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10


def new_id(prefix: str) -> str:
    """Draw an id such as `RB-7K3M9Q2X4T`: 50 random bits, different at every call, so draw it in a step of its own."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"

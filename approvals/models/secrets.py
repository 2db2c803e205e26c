"""Form fields that the workflow needs once and nobody else."""

import re
from typing import Any

SECRET_FIELDS = frozenset({"ssn_last4"})
_SECRET = re.compile(rf'("(?:{"|".join(sorted(SECRET_FIELDS))})": ?)"[^"]*"')


def without_secrets(form_data: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a form: secrets go to the workflow and nowhere else."""
    return {name: value for name, value in form_data.items() if name not in SECRET_FIELDS}


def masked(payload: str) -> str:
    """Return a start's JSON with the values of secret fields starred out."""
    return _SECRET.sub(r'\1"****"', payload)

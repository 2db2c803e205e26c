"""The forms that start runs: one module a workflow, found by itself.

To add a workflow, add a module here with a ``Sheet`` subclass; the portal offers it where the environment names the
workflow's ARN.
"""

import importlib
import pkgutil
from functools import cache

from django.conf import settings

from approvals.web.forms.sheet import Sheet


@cache
def _known() -> dict[str, type[Sheet]]:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return {sheet.workflow: sheet for sheet in _leaves(Sheet)}


def _leaves(kind: type[Sheet]) -> list[type[Sheet]]:
    below = [leaf for child in kind.__subclasses__() for leaf in _leaves(child)]
    return below or ([kind] if kind is not Sheet else [])


def offered() -> list[type[Sheet]]:
    """Return the forms whose workflow this portal can start, by label."""
    found = [sheet for workflow, sheet in _known().items() if workflow in settings.WORKFLOW_ARNS]
    return sorted(found, key=lambda sheet: sheet.label)


def sheet_of(workflow: str) -> type[Sheet] | None:
    """Return the form of a workflow, be it offered or not: what was submitted stays readable."""
    return _known().get(workflow)


def currency_of(workflow: str) -> str:
    """Return the currency of every amount of a workflow that has one alone: not all that it shows names it."""
    kind = sheet_of(workflow)
    return kind.currency if kind else ""


__all__ = ["Sheet", "currency_of", "offered", "sheet_of"]

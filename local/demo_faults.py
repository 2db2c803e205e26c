"""Functions of the stack that do not work for a while, so that the demo has something stuck to show."""

from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

_VARIABLE, _BROKEN, _ALIAS = "BOOKINGS_TABLE_NAME", "out-of-order", "live"


class Faults:
    """Breaks functions by name, and mends all that it knows at the end: also what an interrupted demo left broken."""

    def __init__(self, stack: str, functions: Iterable[str]) -> None:
        """`functions` are those that it may break, by their names within the stack, e.g. `booking-cancel-car`."""
        import boto3

        self._lambda: Any = boto3.client("lambda")
        self._names = {function: f"{stack}-{function}" for function in functions}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in self._names.values():
            self._mend(name)

    def cause(self, function: str) -> None:
        """Move the function's alias to a version that finds no table."""
        name = self._names[function]
        if self._variables(name, _ALIAS)[_VARIABLE] == _BROKEN:
            return
        whole = self._variables(name, "$LATEST")
        self._configure(name, {**whole, _VARIABLE: _BROKEN})
        try:
            broken = self._lambda.publish_version(FunctionName=name)["Version"]
        finally:
            self._configure(name, whole)
        self._lambda.update_alias(FunctionName=name, Name=_ALIAS, FunctionVersion=broken)

    def _mend(self, name: str) -> None:
        """Move the alias back to the newest version that works."""
        if self._variables(name, _ALIAS)[_VARIABLE] != _BROKEN:
            return
        listed = self._lambda.list_versions_by_function(FunctionName=name)["Versions"]
        versions = sorted((one["Version"] for one in listed if one["Version"].isdecimal()), key=int, reverse=True)
        whole = next(one for one in versions if self._variables(name, one)[_VARIABLE] != _BROKEN)
        self._lambda.update_alias(FunctionName=name, Name=_ALIAS, FunctionVersion=whole)

    def _variables(self, name: str, qualifier: str) -> dict[str, str]:
        told = self._lambda.get_function_configuration(FunctionName=name, Qualifier=qualifier)
        variables: dict[str, str] = told["Environment"]["Variables"]
        return variables

    def _configure(self, name: str, variables: dict[str, str]) -> None:
        self._lambda.update_function_configuration(FunctionName=name, Environment={"Variables": variables})

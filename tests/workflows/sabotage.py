"""Breaking AWS calls of a run: before they take effect or after, as a fault or as the death of the sandbox."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from aws_durable_execution_sdk_python.exceptions import RetryableSerDesError
from aws_durable_execution_sdk_python_testing.executor import Executor
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from hitl import notify, store

type When = Literal["before", "after"]
type How = Literal["fault", "death"]


@dataclass
class Sabotage:
    """Counts the calls of a run and breaks the one that it is told to.

    A fault is what botocore raises when an endpoint is out of reach, or its answer is lost. The death of a sandbox ends
    the invocation in the middle of a step with nothing checkpointed; the one error that the SDK lets out of a step
    untouched plays it.
    """

    victim: int = 0
    when: When = "before"
    how: How = "fault"
    calls: list[str] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put it between the functions and AWS."""
        monkeypatch.setattr(Executor, "RETRY_BACKOFF_SECONDS", 0)
        dynamodb, sns = store.dynamodb(), notify.sns()
        for client, name in (
            (dynamodb, "get_item"),
            (dynamodb, "put_item"),
            (dynamodb, "update_item"),
            (sns, "publish"),
        ):
            monkeypatch.setattr(client, name, self._broken(name, getattr(client, name)))

    def _broken(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def maybe(**arguments: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) != self.victim:
                return call(**arguments)
            if self.when == "after":
                call(**arguments)
            raise self._error()

        return maybe

    def _error(self) -> Exception:
        if self.how == "death":
            return RetryableSerDesError("the sandbox died")
        if self.when == "before":
            return EndpointConnectionError(endpoint_url="http://nowhere")
        return ReadTimeoutError(endpoint_url="http://nowhere")


@dataclass
class Mortality:
    """Lets sandboxes die at random between any two lines of a run: each death makes the next invocation replay.

    Attributes:
        seed: the same seed, the same dice; which call they fall on hangs on the threads of the run.
        deaths: how many there were.
    """

    seed: int
    deaths: int = 0
    rate: float = 0.2

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put it between the functions and AWS, and let the runner try again as often as it takes."""
        monkeypatch.setattr(Executor, "RETRY_BACKOFF_SECONDS", 0)
        monkeypatch.setattr(Executor, "MAX_CONSECUTIVE_FAILED_ATTEMPTS", 200)
        self._dice = random.Random(self.seed)
        for client, names in (
            (store.dynamodb(), ("get_item", "put_item", "update_item")),
            (notify.sns(), ("publish",)),
        ):
            for name in names:
                monkeypatch.setattr(client, name, self.mortal(getattr(client, name)))

    def mortal[**P, T](self, call: Callable[P, T]) -> Callable[P, T]:
        """The call, which now and then is the sandbox's last, before it takes effect or after."""

        def maybe(*args: P.args, **kwargs: P.kwargs) -> T:
            if not self.deaths or self._dice.random() < self.rate / 2:
                self._die()
            answer = call(*args, **kwargs)
            if self._dice.random() < self.rate / 2:
                self._die()
            return answer

        return maybe

    def _die(self) -> None:
        self.deaths += 1
        raise RetryableSerDesError("the sandbox died")

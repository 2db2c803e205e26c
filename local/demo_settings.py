"""What one checkout's demo runs with: ports from the environment, secrets drawn once into .local/."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Self

from local.cloud import Ports
from local.processes import STATE, port_is_free

PORTS = {"PORTAL_PORT": 8000, "MINISTACK_PORT": 4566, "GATEWAY_PORT": 4567, "RUNNER_PORT": 5000, "INBOX_PORT": 8025}
_HIGHEST_PORT = 65535
_WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "island", "juniper", "lantern"]
_WORDS += ["meadow", "nectar", "orchard", "pebble", "quartz", "river", "saffron", "timber", "velvet", "willow"]


class SettingsError(RuntimeError):
    """The demo cannot run like this. The message names the variable to set."""


class DemoSettings(NamedTuple):
    """Ports, the portal's secret key, and the one password of all demo people."""

    portal_port: int
    cloud: Ports
    secret_key: str
    password: str
    inbox_port: int

    @property
    def inbox_url(self) -> str:
        """Where the e-mails that it sends are shown."""
        return f"http://127.0.0.1:{self.inbox_port}"

    @property
    def portal_url(self) -> str:
        """Where the portal is."""
        return f"http://127.0.0.1:{self.portal_port}"

    @classmethod
    def read(cls, env: Mapping[str, str] = os.environ, state: Path = STATE) -> Self:
        """Read the environment and .local/demo.json. Raises SettingsError for a port that is not one, or taken."""
        ports = {name: _port(name, env) for name in PORTS}
        _check_distinct(ports)
        for name, port in ports.items():
            if not port_is_free(port):
                raise SettingsError(
                    f"Port {port} is taken by another program. Choose another one, for example:"
                    f"\n    {name}={port + 1000} make demo"
                )
        kept = _secrets(state / "demo.json")
        cloud = Ports(ports["MINISTACK_PORT"], ports["GATEWAY_PORT"], ports["RUNNER_PORT"])
        return cls(ports["PORTAL_PORT"], cloud, kept["secret_key"], kept["password"], ports["INBOX_PORT"])


def _port(name: str, env: Mapping[str, str]) -> int:
    text = env.get(name, "").strip() or str(PORTS[name])
    if not text.isdecimal() or not 1 <= int(text) <= _HIGHEST_PORT:
        raise SettingsError(f"{name} is {text!r}; it takes a port number from 1 to {_HIGHEST_PORT}.")
    return int(text)


def _check_distinct(ports: Mapping[str, int]) -> None:
    owners: dict[int, str] = {}
    for name, port in ports.items():
        other = owners.setdefault(port, name)
        if other != name:
            raise SettingsError(f"{other} and {name} are both {port}; each needs a port of its own.")


def _secrets(path: Path) -> dict[str, str]:
    """The secrets in `path`, drawn at the first run; readable by the owner only."""
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text())
        return kept
    words = [secrets.choice(_WORDS) for _ in range(3)]
    drawn = {"secret_key": secrets.token_urlsafe(48), "password": "-".join(words)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(drawn, indent=2))
    return drawn

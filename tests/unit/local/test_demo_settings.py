"""The demo's ports can be chosen, and a fault names the variable to set."""

import socket
from pathlib import Path

import pytest

from local.demo_settings import PORTS, DemoSettings, SettingsError
from local.processes import free_port


@pytest.fixture
def env() -> dict[str, str]:
    return {name: str(free_port()) for name in PORTS}


def test_every_port_can_be_set(env: dict[str, str], tmp_path: Path) -> None:
    settings = DemoSettings.read(env, tmp_path)
    assert settings.portal_url == f"http://127.0.0.1:{env['PORTAL_PORT']}"
    chosen = [str(port) for port in settings.cloud]
    assert chosen == [env["MINISTACK_PORT"], env["GATEWAY_PORT"], env["RUNNER_PORT"]]


@pytest.mark.parametrize("name", PORTS)
def test_a_taken_port_names_the_variable_to_set(name: str, env: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(env[name])))
        taken.listen()
        with pytest.raises(SettingsError, match=rf"Port {env[name]} is taken(.|\n)*{name}=\d+ make demo"):
            DemoSettings.read(env, tmp_path)


@pytest.mark.parametrize("text", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused_by_name(text: str, env: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PORTAL_PORT is"):
        DemoSettings.read(env | {"PORTAL_PORT": text}, tmp_path)


def test_two_parts_cannot_share_a_port(env: dict[str, str], tmp_path: Path) -> None:
    env["RUNNER_PORT"] = env["PORTAL_PORT"]
    with pytest.raises(SettingsError, match="PORTAL_PORT and RUNNER_PORT"):
        DemoSettings.read(env, tmp_path)


def test_secrets_are_drawn_once_and_readable_by_the_owner_only(env: dict[str, str], tmp_path: Path) -> None:
    first = DemoSettings.read(env, tmp_path)
    assert DemoSettings.read(env, tmp_path) == first
    assert len(first.secret_key) >= 50
    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0

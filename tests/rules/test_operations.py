"""The units and the container file start commands that exist, as nobody special, behind the walls that they promise."""

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.house import ROOT
from tocsin.alerts.watch import life
from tocsin.config.commands import find

UNITS = sorted((ROOT / "ops").glob("*.service"))
LONG_RUNNING = [path for path in UNITS if path.stem != "tocsin-backup"]
WALLS = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "RestrictNamespaces": "yes",
    "LockPersonality": "yes",
    "CapabilityBoundingSet": "",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
}


def unit(path: Path) -> configparser.ConfigParser:
    made = configparser.ConfigParser(interpolation=None, strict=False)
    made.optionxform = str  # type: ignore[assignment,method-assign]
    made.read(path, encoding="utf-8")
    return made


def unknown_commands(text: str) -> Iterator[str]:
    for word in re.findall(r"^ExecStart=\S+/tocsin (\S+)", text, re.MULTILINE):
        if find(word) is None:
            yield word


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_a_command_that_exists(path: Path) -> None:
    assert unit(path)["Service"]["ExecStart"]
    assert list(unknown_commands(path.read_text())) == []


@pytest.mark.parametrize("path", LONG_RUNNING, ids=lambda path: path.stem)
def test_a_unit_has_its_walls(path: Path) -> None:
    service = dict(unit(path)["Service"])
    assert {name: service.get(name) for name in WALLS} == WALLS
    assert service["User"] != "root"
    assert service["Restart"] == "always"


def test_the_pager_is_started_anew_when_it_hangs_however_often() -> None:
    made = unit(ROOT / "ops" / "tocsin-page.service")
    assert made["Service"]["Type"] == "notify"
    assert int(made["Service"]["WatchdogSec"]) > 2 * life.SPEAKS_EVERY
    assert made["Unit"]["StartLimitIntervalSec"] == "0"


def test_the_target_starts_every_long_running_part() -> None:
    wanted = set(unit(ROOT / "ops" / "tocsin.target")["Unit"]["Wants"].split())
    assert wanted == {path.name for path in LONG_RUNNING} == {f"tocsin-{part}.service" for part in PARTS}


PARTS = ("web", "page", "keyholder", "intake", "letters", "collect", "work")


def test_the_container_runs_as_nobody_special_and_starts_a_command_that_exists() -> None:
    text = (ROOT / "ops" / "Containerfile").read_text()
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE) == ["tocsin"]
    command = re.search(r'^CMD \["(\w+)"\]', text, re.MULTILINE)
    assert command is not None
    assert find(command[1]) is not None


def test_a_unit_with_an_unknown_command_is_found() -> None:
    assert list(unknown_commands("ExecStart=/srv/tocsin/.venv/bin/tocsin fly\n")) == ["fly"]

"""A door of a test's own: its folder, its desks, and whoever comes to it."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from pytest_django.fixtures import Settings

from tocsin.intake import configured
from tocsin.intake.bodies import Bodies
from tocsin.intake.handing import Arrived, waiting
from tocsin.intake.tests.visitor import Visitor
from tocsin.keys.sealing import box_keys, open_box

SEEDS = {"rights": b"1" * 32, "legal": b"2" * 32}
ALICE, BOB = {"id": "alice", "name": "Alice"}, {"id": "bob", "name": "Bob"}


def desk(id: str, people: list[dict[str, str]], languages: list[str], **more: Any) -> dict[str, Any]:  # noqa: A002
    public, _ = box_keys(SEEDS[id])
    names = {"en": f"{id.title()} desk", "ar": f"مكتب {id}"}
    return {"id": id, "names": names, "public": base64.b64encode(public).decode(), "epoch": 7, "people": people,
            "languages": languages, **more}  # fmt: skip


RIGHTS, LEGAL = desk("rights", [ALICE, BOB], ["en"]), desk("legal", [ALICE], ["fr", "ar"])


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, transactional_db: None) -> Path:
    """The door's folder, with a desk that reads English and one that reads French and Arabic."""
    settings.HOME = tmp_path
    settings.ROOT_URLCONF = "tocsin.intake.urls"
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = ["*"]
    made = tmp_path / "intake"
    configured.prepare(made)
    publish(made, RIGHTS, LEGAL)
    return made


def publish(folder: Path, *desks: dict[str, Any]) -> None:
    elsewhere = {"en": ["Write to help@example.org"]}
    (folder / "desks.json").write_text(json.dumps({"desks": desks, "elsewhere": elsewhere}))
    (folder / "desks.json").chmod(0o600)


@pytest.fixture
def application(folder: Path) -> Bodies:
    """The door."""
    return Bodies(get_asgi_application())  # type: ignore[arg-type]


@pytest.fixture
def dana(application: Bodies) -> Visitor:
    """Dana, who is at risk."""
    return Visitor(application)


@pytest.fixture
def come(application: Bodies) -> Callable[[str], Visitor]:
    """Somebody who reads this language."""
    return lambda language: Visitor(application, language)


def read(envelope: Arrived) -> dict[str, Any]:
    """What only the desk can read."""
    found: dict[str, Any] = json.loads(open_box(SEEDS[envelope.desk], envelope.sealed))
    return found


def newest() -> dict[str, Any]:
    """The one envelope that waits, as its desk reads it."""
    (envelope,) = waiting()
    return read(envelope)

"""The door stands apart: it imports nothing that knows people, alerts or cases, and its process loads none of it."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from tocsin.intake import phrases

MAY = {"tocsin.intake", "tocsin.lib", "tocsin.keys.sealing", "tocsin.keys.words", "tocsin.keys.uploads"}
# The settings are read with the checks of every setting, among them pure ones of channels and addresses.
PURE = {"tocsin.alerts.channels", "tocsin.audit", "tocsin.config", "tocsin.keys", "tocsin.lib", "tocsin.intake"}

LOADS = """
import json, sys
from tocsin.config import admitting
admitting.start()
import tocsin.intake.asgi
from django.apps import apps
from django.conf import settings
print(json.dumps({"modules": sorted(sys.modules), "apps": [one.label for one in apps.get_app_configs()],
                  "databases": list(settings.DATABASES), "models": [one._meta.label for one in apps.get_models()]}))
"""


def imported(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{one.name}" for one in node.names]
    return [one for one in found if one.startswith("tocsin.")]


def test_it_imports_itself_lib_and_the_pure_parts_of_keys() -> None:
    files = [path for path in phrases.FOLDER.parent.rglob("*.py") if "tests" not in path.parts]
    strange = [
        (path.name, one) for path in files for one in imported(path) if not any(one.startswith(may) for may in MAY)
    ]
    assert strange == []


def test_its_process_loads_no_people_no_alerts_and_no_sessions(tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").touch()
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "DJANGO_"))}
    own = {"TOCSIN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tocsin.config.intake_settings"}
    made = subprocess.run([sys.executable, "-c", LOADS], env={**outside, **own}, capture_output=True, check=True)
    loaded = json.loads(made.stdout)
    assert loaded["apps"] == ["intake"]
    assert loaded["models"] == ["intake.Envelope", "intake.Box", "intake.Message", "intake.Sent"]
    assert loaded["databases"] == ["default"]
    rooms = {one for one in loaded["modules"] if one.startswith("tocsin.")}
    allowed = (*PURE, "tocsin.alerts")
    assert [one for one in rooms if not one.startswith(allowed)] == []
    assert not [one for one in rooms if one.endswith((".models", ".views")) and "intake" not in one]
    for name in ("allauth", "ninja", "django.contrib.sessions", "django.contrib.auth", "tocsin.config.settings"):
        assert name not in loaded["modules"]

"""Keeps a state of the database, the lake and the drop folder, and puts it back, so that a story can be told again."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models, transaction

_ROOMS = (
    "lib",
    "audit",
    "people",
    "oncall",
    "alerts",
    "keys",
    "alliances",
    "mailbox",
    "streams",
    "signals",
    "situations",
    "rollcalls",
    "cases",
    "responses",
    "resilience",
    "reports",
)


class Snapshot:
    """The state of this moment, to be put back as often as wanted."""

    def __init__(self) -> None:
        self._rows = [(model, list(model._default_manager.all())) for model in _models()]
        self._files = Path(tempfile.mkdtemp(prefix="tocsin-snapshot-"))
        for folder in _folders():
            if folder.is_dir():
                shutil.copytree(folder, self._files / folder.name)

    def put_back(self) -> None:
        """Rows keep their numbers; what was there meanwhile is gone."""
        tables = [model._meta.db_table for model, _ in self._rows]
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables, allow_cascade=True))
        with transaction.atomic():
            for model, rows in self._rows:
                model._default_manager.bulk_create(rows)
        for folder in _folders():
            shutil.rmtree(folder, ignore_errors=True)
            kept = self._files / folder.name
            if kept.is_dir():
                shutil.copytree(kept, folder)

    def forget(self) -> None:
        """Delete the copies of files."""
        shutil.rmtree(self._files, ignore_errors=True)


def _folders() -> Sequence[Path]:
    return settings.LAKE, settings.DROP_FOLDER


def _models() -> list[type[models.Model]]:
    return [model for room in _ROOMS for model in apps.get_app_config(room).get_models()]

"""Keeps the door's tables in the door's database, and everything else out of it."""

from typing import Any

from tocsin.intake.configured import door

_LABEL = "intake"


class DoorRouter:
    """For a process that knows both databases. The door's own process has one, and needs no router."""

    def db_for_read(self, model: type[Any], **hints: Any) -> str | None:
        """The alias that a table is read from."""
        return door().database if model._meta.app_label == _LABEL else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Whether an app has its tables in a database."""
        if app_label == _LABEL or db == door().database:
            return (app_label == _LABEL) == (db == door().database)
        return None

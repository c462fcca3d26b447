"""The public door as the settings of either side see it: its port and its database."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tocsin.config.configuration import Configuration

_NETWORK = {"connect_timeout": "5", "keepalives_idle": "5", "keepalives_interval": "3", "keepalives_count": "3"}
_SESSION = "-c synchronous_commit=on -c idle_in_transaction_session_timeout=60000"


def port_of(made: Configuration) -> int:
    """The port that the door listens on: what is set, else a hundred above the console's."""
    beside = made.port + 100 if made.port <= 65_435 else made.port - 100
    return made.intake_port or beside


def database_of(home: Path, made: Configuration) -> dict[str, Any]:
    """The door's database. Its password stands in ``intake/database_password``, apart from the console's secrets."""
    if not made.intake_database:
        return {
            "ENGINE": "tocsin.lib.sqlite",
            "NAME": str(home / "intake" / "door.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # What is deleted is overwritten, and what is sorted is not written to a temporary file.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
                "PRAGMA temp_store=MEMORY;",
            },
        }
    parts = urlsplit(made.intake_database)
    options: dict[str, Any] = {"options": _SESSION, **_NETWORK, **dict(parse_qsl(parts.query))}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": _password(home) or unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or options.pop("host", "")),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }


def _password(home: Path) -> str:
    path = home / "intake" / "database_password"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""

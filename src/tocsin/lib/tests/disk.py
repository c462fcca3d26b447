"""Files as they lie on the disk, for tests that look for what must not stand there."""

import subprocess
from pathlib import Path

from django.db import connection


def content_of(path: Path) -> bytes:
    """What is in a file; one of a database is read by another process.

    Whoever closes a file loses all locks of the process on it, those of SQLite's connections as well: the next process
    that leaves the database would take its log away from under them, and every later test fail.
    """
    if ".sqlite3" not in path.name:
        return path.read_bytes()
    return subprocess.run(["cat", str(path)], capture_output=True, check=True).stdout


def database_files() -> dict[str, bytes]:
    """The file of the database, its log of writes and its index of that, by name; nothing on a server."""
    if connection.vendor != "sqlite":
        return {}
    main = str(connection.settings_dict["NAME"])
    there = [path for end in ("", "-wal", "-shm", "-journal") if (path := Path(main + end)).exists()]
    return {path.name: content_of(path) for path in there}

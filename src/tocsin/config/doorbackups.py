"""The door's part of a sealed backup: the salt without which no receipt opens, its secret key, its SQLite database."""

import os
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Final

from tocsin.config.refusal import RefusalError

_SECRETS: Final = ("salt", "secret_key")
_DATABASE: Final = "door.sqlite3"
# Of a door whose database is in PostgreSQL.
DUMP: Final = "door.dump"
_NAMES: Final = {*_SECRETS, _DATABASE, DUMP}


def beside(content: Path) -> Path:
    """Where the door's part of a backup stands: beside its content."""
    return content.parent / f"tocsin-door-{content.name.split('.')[0].split('-')[-1]}.tar.age"


def pack(door: Path, work: Path) -> Path | None:
    """Put what a door needs to come back into one file, in clear, in the folder ``work``; None: there is no door yet.

    A dump of a door's database in PostgreSQL that lies in ``work`` goes in, too.

    Raises:
        RefusalError: when it can't be read.
    """
    if not all((door / name).is_file() for name in _SECRETS):
        return None
    packed = work / "door.tar"
    try:
        with tarfile.open(packed, "w") as out:
            for name in _SECRETS:
                out.add(door / name, name)
            if (door / _DATABASE).is_file():
                source = f"{(door / _DATABASE).absolute().as_uri()}?mode=ro"
                with closing(sqlite3.connect(source, uri=True, timeout=30)) as database:
                    database.execute("VACUUM INTO ?", (str(work / _DATABASE),))
                out.add(work / _DATABASE, _DATABASE)
            if (work / DUMP).is_file():
                out.add(work / DUMP, DUMP)
    except (sqlite3.Error, OSError) as error:
        raise RefusalError("The door's folder intake/ can't be read, so it can't be backed up. Is it yours?") from error
    return packed


def unpack(packed: Path, door: Path) -> None:
    """Put it back into the folder of a door that has nothing yet. Other names than these are refused.

    Raises:
        RefusalError: when something stands there, or the file holds something else.
    """
    try:
        with tarfile.open(packed) as file:
            members = file.getmembers()
            if any(one.name not in _NAMES or not one.isreg() for one in members):
                raise RefusalError("The door's part of the backup holds something else than a door.")
            door.mkdir(mode=0o700, parents=True, exist_ok=True)
            for one in members:
                source = file.extractfile(one)
                if source is not None:
                    made = os.open(door / one.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                    with source, os.fdopen(made, "wb") as out:
                        out.write(source.read())
    except (tarfile.TarError, OSError) as error:
        raise RefusalError("The door can't be put back: intake/ holds one already, or it is damaged.") from error

"""The home folder: made private, with its secrets and its configuration file, at the first start."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from tocsin.config.configuration import Configuration
from tocsin.config.refusal import RefusalError

FOLDERS = ("secrets", "backups", "logs", "run", "documents", "lake")


def prepare(home: Path, **changed: Any) -> bool:
    """Make what is missing; True when the home itself is new. Never changes what is there.

    ``changed`` are settings that a new configuration file states instead of their defaults.

    Raises:
        RefusalError: when the folder can't be made.
    """
    with _making(home):
        new = not (home / "tocsin.toml").exists()
        make_folders(home)
        if "TOCSIN_SECRETS" not in os.environ:
            write_once(home / "secrets" / "secret_key", secrets.token_urlsafe(64) + "\n")
        write_once(home / "tocsin.toml", configuration_text(**changed))
    return new


def make_folders(home: Path) -> None:
    """Make the home and the folders in it, private.

    Raises:
        RefusalError: when they can't be made.
    """
    with _making(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FOLDERS:
            (home / name).mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def _making(home: Path) -> Iterator[None]:
    os.umask(0o077)
    try:
        yield
    except OSError as error:
        raise RefusalError(
            f"The home folder {home} can't be made ({os.strerror(error.errno or 0)}). "
            "Choose another with --home, or make it yours."
        ) from error


def required(home: Path) -> None:
    """Stop a command that needs a home where there is none.

    Raises:
        RefusalError: with the mend.
    """
    os.umask(0o077)
    if not (home / "tocsin.toml").exists():
        played = home.with_name(f"{home.name}-exercise")
        if (played / "tocsin.toml").exists():
            raise RefusalError(f"There is no home in {home}, but an exercise stands beside it: --home {played}")
        raise RefusalError(f"There is no home in {home} yet. Run “tocsin up” first, or name it: --home.")


@contextlib.contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the home for one ``tocsin up``; the hold ends with the process, however it ends.

    Raises:
        RefusalError: when another holds it.
    """
    file = os.open(home / "run" / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        line = f"Tocsin already runs for {home}. End that one first, or choose another with --home."
        raise RefusalError(line) from error
    try:
        yield
    finally:
        os.close(file)


def note_address(home: Path, url: str) -> None:
    """Remember where the console of the ``tocsin up`` that holds this home is, for commands beside it."""
    (home / "run" / "address").write_text(url, encoding="utf-8")


def running_address(home: Path) -> str:
    """Where the console of the ``tocsin up`` that holds this home is; empty while none does."""
    try:
        with (home / "run" / "up.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with contextlib.suppress(OSError):
            return (home / "run" / "address").read_text(encoding="utf-8").strip()
    except OSError:
        pass
    return ""


def write_once(path: Path, text: str) -> None:
    """Write a private file unless it is there."""
    with contextlib.suppress(FileExistsError):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(text)


def configuration_text(**changed: Any) -> str:
    """A configuration file with every setting explained; those that differ from their default are set."""
    lines = ["# Tocsin's settings. A line that starts with # states the default; remove the # to change it."]
    lines += ["# Secrets are not kept here: each is a file in secrets/.", ""]
    for one in fields(Configuration):
        default = one.default if one.default is not MISSING else ""
        lines.append(f"# {one.metadata['help']}")
        if one.name in changed:
            lines.append(f"{one.name} = {_toml(changed[one.name])}")
        else:
            lines.append(f"# {one.name} = {_toml(default)}")
        lines.append("")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

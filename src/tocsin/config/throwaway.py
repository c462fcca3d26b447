"""A PostgreSQL server of one's own for a while: in a private temporary folder, reached by its Unix socket alone."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tocsin.config.refusal import RefusalError

SECONDS_TO_START = 60
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "logging_collector": "off",
}
_FAST = {"fsync": "off", "full_page_writes": "off"}


def programs() -> Path | None:
    """The folder with initdb and postgres: Debian's newest, or the one on the path; None where there is no server."""
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if debian:
        return max(debian, key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0)
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextlib.contextmanager
def postgresql(safe: bool = False) -> Iterator[str]:
    """Run a server while the block runs; gives the address of an empty database on it.

    Unless it is asked to be ``safe`` it trades safety for speed: its data are thrown away anyhow.
    Root starts it as another user, since PostgreSQL refuses root. It ends with this process, however that ends.

    Raises:
        RefusalError: where no server can be had.
    """
    bin_folder = programs()
    if bin_folder is None:
        raise RefusalError("There is no PostgreSQL server here. On Debian: apt-get install postgresql")
    owner = _unprivileged()
    # A short path: that of a socket may have only about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-", dir="/tmp"))  # made private, with a random name
    try:
        folder.chmod(0o700)
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        _run([str(bin_folder / "initdb"), "-D", str(folder / "data"), *_INITDB], owner, folder)
        with _server(bin_folder, folder, owner, {} if safe else _FAST):
            yield f"postgresql://tocsin@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_INITDB = ["--auth=trust", "--username=tocsin", "--encoding=UTF8", "--locale=C", "--no-sync"]


@contextlib.contextmanager
def _server(bin_folder: Path, folder: Path, owner: pwd.struct_passwd | None, more: dict[str, str]) -> Iterator[None]:
    words = [str(bin_folder / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for name, value in (_SETTINGS | more).items():
        words += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
            preexec_fn=_end_with_parent,
            **_as(owner),
        )
    try:
        _wait(server, folder)
        yield
    finally:
        # SIGINT is PostgreSQL's "fast" end: connections are cut, nothing waits.
        server.send_signal(signal.SIGINT)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        try:
            psycopg.connect(host=str(folder), user="tocsin", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RefusalError("The throwaway PostgreSQL server did not start.")


def _run(words: list[str], owner: pwd.struct_passwd | None, folder: Path) -> None:
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, cwd=folder, check=False, **_as(owner))
    if done.returncode != 0:
        raise RefusalError(f"{Path(words[0]).name} failed. Is there room on the disk of {folder.parent}?")


def _as(owner: pwd.struct_passwd | None) -> dict[str, Any]:
    if owner is None:
        return {}
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": "/", "LC_ALL": "C"}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "env": environment}


def _unprivileged() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RefusalError("PostgreSQL refuses root, and there is no user postgres or nobody to run it as.")


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGINT))

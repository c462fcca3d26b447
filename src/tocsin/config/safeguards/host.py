"""Safeguards of the machine: the home folder, the secrets, the disk, the jail of the parsers."""

import os
import stat
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tocsin.config import disk
from tocsin.config.safeguards.base import Safeguard, fatal, holds, warning
from tocsin.lib import jail

SHORTEST_SECRET, FEWEST_LETTERS = 50, 12
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def home_is_private() -> Safeguard:
    """Nobody else on this machine can look into the home folder."""
    home: Path = settings.HOME
    found = home.stat()
    if found.st_uid != os.geteuid():
        return fatal("home", f"{home} belongs to somebody else.", f"chown -R $(id -un) '{home}'")
    if found.st_mode & _OTHERS:
        return fatal("home", f"Others on this machine can look into {home}.", f"chmod 700 '{home}'")
    return holds("home", f"{home} is readable by its owner alone.")


def secret_is_strong() -> Safeguard:
    """Sessions and links are signed with a key that can't be guessed."""
    try:
        key = str(settings.SECRET_KEY)
    except ImproperlyConfigured:
        key = ""  # Django refuses to hand out an empty one
    if len(key) >= SHORTEST_SECRET and len(set(key)) >= FEWEST_LETTERS:
        return holds("secret key", f"{len(key)} characters.")
    mend = (
        f"Put {secrets_folder() / 'secret_key'} back from a backup. Is there none? Delete it and run “tocsin up” or "
        "“tocsin migrate”: they make a new one, and with a new key everybody needs a recovery link that takes the "
        "second factor away (“tocsin people recover ADDRESS”)."
    )
    line = "There is none." if not key else f"It is weak: {len(key)} characters, {len(set(key))} different ones."
    return fatal("secret key", line, mend)


def secrets_are_private() -> Safeguard:
    """Each secret is a file that only its owner can read."""
    folder = secrets_folder()
    files = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    # A service manager hands secrets over in a folder of its own, which may be readable by a group of one.
    allowed = stat.S_IRGRP if "TOCSIN_SECRETS" in os.environ else 0
    for path in files:
        if path.stat().st_mode & _OTHERS & ~allowed:
            return fatal("secrets", f"Others on this machine can read {path}.", f"chmod 600 '{path}'")
    return holds("secrets", f"{len(files)} files, readable by their owner alone.")


def disk_has_room() -> Safeguard:
    """There is room on the disk for what comes in."""
    free, least = disk.free_mb(), int(settings.CONFIGURATION.minimum_free_mb)
    if free >= least:
        return holds("disk", f"{free:,} MB free; collectors stop below {least:,} MB.")
    stopped = "Collectors are stopped." if disk.room_to_work() else "Collectors and the worker are stopped."
    return warning("disk", f"Only {free:,} MB free. {stopped}", "Make room; they go on by themselves.")


def proxies_are_ignored() -> Safeguard:
    """Fetches go straight to the address that was checked, whatever the environment says."""
    named = sorted({name for name in os.environ if name.lower() in _PROXIES})
    if named:
        line = f"{', '.join(named)} is set and ignored: every fetch connects to the address it checked."
        return holds("proxies", line)
    return holds("proxies", "None is set; they would be ignored.")


def parsers_are_jailed() -> Safeguard:
    """Parsers of foreign files can compute and answer, and nothing else."""
    weak = [guard for guard in jail.capabilities() if not guard.on]
    if not weak:
        return holds("parsers", "Foreign files are read apart: no network, no files, no new rights, and limits.")
    mend = "As the line says; until then the other guards hold."
    return warning("parsers", " ".join(guard.words for guard in weak), mend)


def secrets_folder() -> Path:
    """Where the secrets are."""
    return Path(os.environ.get("TOCSIN_SECRETS", settings.HOME / "secrets"))

"""Safeguards of what is kept: the database, its promises, its backups, the audit's witness."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from tocsin.audit import access as audit
from tocsin.audit import protection
from tocsin.config import archives, backups, migrating
from tocsin.config.refusal import RefusalError
from tocsin.config.safeguards.base import Safeguard, fatal, holds, warning
from tocsin.keys import witnessing
from tocsin.lib.claims import database_now

LARGEST_DIFFERENCE = timedelta(seconds=5)
OLDEST_BACKUP = timedelta(days=8)
# No clock of a machine that runs this is right when it says an earlier day.
EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)


def database_answers() -> Safeguard:
    """The database can be reached."""
    try:
        database_now()
    except DatabaseError:
        return fatal("database", "It does not answer.", migrating.unreachable())
    kind = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite, for one node"
    return holds("database", f"{kind}; it answers.")


def commits_are_kept() -> Safeguard:
    """What was committed is on the disk, even if the power fails the next moment."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
            commit, sync = cursor.fetchone()
            if commit != "off" and sync == "on":
                return holds("commits", f"synchronous_commit is {commit}, fsync is on.")
            line = f"synchronous_commit is {commit}, fsync is {sync}."
            return fatal("commits", line, "Set synchronous_commit = on and fsync = on in postgresql.conf.")
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        level = cursor.execute("PRAGMA synchronous").fetchone()[0]
    if journal == "wal" and level >= 2:
        return holds("commits", "Write-ahead log, synchronous FULL.")
    line = f"journal_mode is {journal}, synchronous is {level}."
    return fatal("commits", line, "Keep the home on a local disk: SQLite's write-ahead log needs one.")


def migrations_are_applied() -> Safeguard:
    """The database has the shape that this version expects."""
    try:
        waiting = migrating.pending()
    except RefusalError:
        return fatal("migrations", "They can't be read.", migrating.unreachable())
    if not waiting:
        return holds("migrations", "All applied.")
    line = f"{len(waiting)} are missing, first {waiting[0]}."
    return fatal("migrations", line, "Run “tocsin migrate”; it backs the database up first.")


def clocks_agree() -> Safeguard:
    """This machine and the database tell the same time, and it is a possible one."""
    before = time.time()
    theirs = database_now()
    ours = datetime.fromtimestamp((before + time.time()) / 2, UTC)
    if ours < EARLIEST:
        return warning("clock", f"This machine says it is {ours:%Y}.", "Set the clock; run a time service.")
    difference = abs(ours - theirs)
    if difference > LARGEST_DIFFERENCE:
        line = f"This machine and the database differ by {difference.total_seconds():.0f} s."
        return warning("clock", line, "Run a time service (chrony, systemd-timesyncd) on both.")
    return holds("clock", "This machine and the database agree.")


def backups_are_fresh() -> Safeguard:
    """A backup exists that is not old."""
    folder: Path = settings.HOME / "backups"
    mend = "Run “tocsin backup” every night: docs/operate.md has a timer."
    found = backups.listed(folder)
    if not found:
        return warning("backups", "There is none yet.", mend)
    age = datetime.now(UTC) - datetime.fromtimestamp(found[0].stat().st_mtime, UTC)
    line = f"{len(found)} kept, the newest {_words(age)} old."
    return holds("backups", line) if age <= OLDEST_BACKUP else warning("backups", line, mend)


def audit_is_witnessed() -> Safeguard:
    """Somebody outside holds the audit's checkpoints, so that rewriting it would show."""
    state = audit.witness_state()
    if not state.configured:
        mend = "Name a file on another machine's disk: audit_witness in tocsin.toml."
        return warning("audit witness", "None: rewriting the whole record would not show.", mend)
    if state.problem:
        return warning("audit witness", state.problem, state.mend)
    return holds("audit witness", f"Checkpoints go to {state.path}.")


def witnesses_hear() -> Safeguard:
    """Two witnesses outside are told one hash of every log each hour."""
    named = [one for one in (settings.CONFIGURATION.witness_mail, settings.CONFIGURATION.witness_url) if one]
    mend = "Name a mailbox and an address that others keep: witness_mail and witness_url in tocsin.toml."
    if len(named) < 2:
        line = "None: logs of safes could be rewritten unseen." if not named else "One only."
        return warning("outside witnesses", line, mend)
    last = witnessing.heard()
    if last is None or database_now() - last > timedelta(hours=2, minutes=10):
        line = "Neither took a line for more than two hours."
        return warning("outside witnesses", line, "Start the worker; its log says why they refuse.")
    return holds("outside witnesses", "Both are told every hour.")


def backups_are_sealed() -> Safeguard:
    """Backups can be written: sealed, once there is a safe."""
    if settings.CONFIGURATION.backup_recipient:
        try:
            archives.recipient(settings.CONFIGURATION.backup_recipient)
        except RefusalError as error:
            return warning("sealed backups", "backup_recipient is no age key.", error.args[0])
        return holds("sealed backups", "They are sealed to a key that is elsewhere.")
    if migrating.pending() or not migrating.sealing().safes:
        return holds("sealed backups", "There is no safe yet; backups are in clear.")
    return warning("sealed backups", "There are safes, and no key to seal a backup to.", backups.IN_CLEAR)


def audit_is_only_added_to() -> Safeguard:
    """The database itself refuses to change or delete what was recorded."""
    if protection.is_protected():
        return holds("audit record", "The database lets nobody change or delete it by mistake.")
    mend = "Find out who lifted that, run tocsin audit verify, then tocsin audit protect."
    return warning("audit record", "The database would let it be changed.", mend)


def _words(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"

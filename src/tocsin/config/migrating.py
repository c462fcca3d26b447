"""Brings the database to this version, after a backup of what it holds."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from tocsin.config import backups, making, signing
from tocsin.config.refusal import RefusalError
from tocsin.keys import ledger


def pending() -> list[str]:
    """The migrations that this version brings and the database has not seen.

    Raises:
        RefusalError: when the database can't be reached.
    """
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise RefusalError(unreachable()) from error
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate(say: Callable[[str], None], backup: bool = True) -> bool:
    """Back up and migrate if anything is pending; True if it was. Two that start at once do it one after the other.

    Raises:
        RefusalError: when the backup or the migration fails; the database is then as it was, on both databases.
    """
    waiting = pending()
    if not waiting:
        return False
    bring: Callable[[], object]
    if holds_anything():
        if backup:
            made = backups.write(settings.DATABASES["default"], settings.HOME / "backups", keep(), sealing())
            say(f"Backed up the database to {shown(made)}.")
        say(f"Bringing the database to this version ({len(waiting)} steps) …")
        bring = partial(call_command, "migrate", verbosity=0, interactive=False)
    else:
        say("Making the database …")
        bring = making.make
    try:
        bring()
    except DatabaseError as error:
        raise RefusalError(
            f"The step {waiting[0]} or one after it failed. Restore the newest backup if pages fail: docs/operate.md."
        ) from error
    return True


def holds_anything() -> bool:
    """Whether the database has been migrated before, so that it may hold rows."""
    return MigrationRecorder(connection).has_table() and bool(MigrationRecorder(connection).applied_migrations())


def sealing() -> backups.Sealing:
    """How a backup of this database is sealed. It can be asked of a database of any version."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM keys_safe") if "keys_safe" in tables else cursor.execute("SELECT 0")
        safes = bool(cursor.fetchone()[0])
    recipient = settings.CONFIGURATION.backup_recipient
    if not {"keys_shredding", "keys_removal"} <= tables:
        return backups.Sealing(recipient, safes, door=settings.HOME / "intake")
    lines = ledger.lines()
    door = settings.DATABASES.get("door")
    return backups.Sealing(
        recipient,
        safes,
        ledger.text(lines),
        ledger.end_of(lines),
        settings.HOME / "intake",
        door if door is not None and "postgresql" in door["ENGINE"] else None,
        signing.signer_of(settings.HOME) if recipient else None,
        tuple(lines),
    )


def keep() -> int:
    """How many backups are kept."""
    return int(settings.CONFIGURATION.backups_kept)


def shown(path: Path) -> str:
    """A path as a person reads it: below the home folder by its name there."""
    return str(path.relative_to(settings.HOME)) if path.is_relative_to(settings.HOME) else str(path)


def unreachable() -> str:
    """What to do when the database does not answer."""
    if settings.CONFIGURATION.database:
        return (
            "PostgreSQL does not answer at the configured address. Is it running, is the name right, and is the "
            "password in secrets/database_password?"
        )
    return f"The database in {settings.HOME} can't be opened. Is the folder yours, and is there room on the disk?"

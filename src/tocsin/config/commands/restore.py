"""``tocsin restore``: puts a backup into an empty home."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from tocsin.config import home, options
from tocsin.config.configuration import home_folder
from tocsin.config.refusal import RefusalError
from tocsin.config.starting import load


def main(arguments: list[str]) -> int:
    """Restore, bring it to this version, and say what was forgotten again."""
    about = "Put a backup into an empty home. What was shredded since stays shredded."
    parser = options.parser("restore", about, options.where())
    parser.add_argument("backup", metavar="FILE", type=Path, help="a backup's content: tocsin-TIME.….age")
    parser.add_argument("--identity", metavar="FILE", type=Path, help="the age identity that opens it")
    parser.add_argument("--wraps", metavar="FILE", type=Path, help="its wrapped keys (default: beside it)")
    parser.add_argument("--ledger", metavar="FILE", type=Path, help="the newest ledger (default: beside it)")
    parser.add_argument("--ledger-number", metavar="N", type=int, help="refuse a ledger of fewer lines than N")
    parser.add_argument("--no-ledger", action="store_true", help="there is none: shredded things may come back")
    parser.add_argument(
        "--signed-by", metavar="DIGITS", default="", help="the home that made it, as “tocsin backup” said"
    )
    parser.add_argument(
        "--unsigned", action="store_true", help="nobody signed it, or not for sure: take it all the same"
    )
    parser.add_argument("--no-wraps", action="store_true", help="restore what is open only; no safe opens then")
    given = parser.parse_args(arguments)
    options.apply(given)
    home.prepare(home_folder())
    settings = load()
    from tocsin.config import backups, workplace

    backups.sweep(home_folder())
    with workplace.private(home_folder() / "run") as folder:
        _restore(settings, given, folder)
    return 0


def _restore(settings: Any, given: Namespace, folder: Path) -> None:
    from tocsin.config import manifests, migrating, restoring

    database = settings.DATABASES["default"]
    _stop_unless_empty(database)
    made = _signed(given)
    content, wraps = _opened(given, folder, made)
    lines = _ledger(given)
    if made is not None and not given.no_ledger:
        manifests.check_ledger(made, lines)
    if _door(given, folder, made):
        print("The door came back: receipts open again.")
    if "sqlite" in database["ENGINE"]:
        done = restoring.into_sqlite(Path(database["NAME"]), content, wraps, lines)
    else:
        done = restoring.into_postgresql(database, content, wraps, lines)
    migrating.migrate(print, backup=False)
    from tocsin.keys import shredding

    shredding.again(lines)
    print(
        f"Restored. {done.wraps} wrapped keys came back, {done.left_out} were left out: {done.shredded} shreddings and "
        f"{done.removed} removals of the ledger were applied first."
    )
    print("Next: copy the folder vault/ back, then “tocsin check” and “tocsin audit verify”.")


def _stop_unless_empty(database: dict[str, Any]) -> None:
    from django.db import connection

    if "sqlite" in database["ENGINE"]:
        empty = not Path(database["NAME"]).exists()
    else:
        empty = not connection.introspection.table_names()
        connection.close()
    if not empty:
        raise RefusalError(
            "This home has a database already, and a restore never writes over one. Choose an empty home with --home, "
            "or an empty database."
        )


def _signed(given: Namespace) -> Any:
    """What the home that made the backup signed; None for one in clear, or where nobody asks."""
    from tocsin.config import manifests, signing

    if given.unsigned or given.backup.suffix != ".age" or not given.backup.is_file():
        return None
    own = signing.signer_of(home_folder(), make=False)
    return manifests.read(given.backup, given.signed_by.strip().lower() or (own.public if own is not None else ""))


def _opened(given: Namespace, folder: Path, made: Any) -> tuple[Path, Path | None]:
    """The content and the wrapped keys in clear, in a private folder that goes away."""
    from tocsin.config import archives, manifests

    backup: Path = given.backup
    if not backup.is_file():
        raise RefusalError(
            f"There is no file {backup}. Give the path of a backup: tocsin-TIME.sqlite3.age or .dump.age"
        )
    if backup.suffix != ".age":
        return backup, None
    if given.identity is None:
        raise RefusalError("This backup is sealed. Give the file of its age identity: --identity FILE")
    by = archives.identities(given.identity)
    print(f"SHA-256 of {backup.name}: {archives.fingerprint(backup)}")
    if made is not None:
        manifests.check(made, backup)
    archives.unseal(backup, folder / "content", by)
    if given.no_wraps:
        return folder / "content", None
    wraps = given.wraps or archives.wraps_beside(backup)
    if not wraps.is_file():
        raise RefusalError(
            f"The wrapped keys of this backup are not there ({wraps.name}): they are kept for 14 days. Give them with "
            "--wraps, take a younger backup, or say --no-wraps: then no safe opens."
        )
    print(f"SHA-256 of {wraps.name}: {archives.fingerprint(wraps)}")
    if made is not None:
        manifests.check(made, wraps)
    archives.unseal(wraps, folder / "wraps", by)
    return folder / "content", folder / "wraps"


def _door(given: Namespace, folder: Path, made: Any) -> bool:
    """Put the door back, where the backup has one."""
    from tocsin.config import archives, doorbackups, manifests

    sealed = doorbackups.beside(given.backup)
    if given.identity is None or not sealed.is_file():
        print("No door is beside this backup. Without intake/salt no receipt opens again: copy intake/ if you have it.")
        return False
    if made is not None:
        manifests.check(made, sealed)
    archives.unseal(sealed, folder / "door", archives.identities(given.identity))
    doorbackups.unpack(folder / "door", home_folder() / "intake")
    if (home_folder() / "intake" / doorbackups.DUMP).is_file():
        print(
            f"Its database is in intake/{doorbackups.DUMP}: pg_restore it into an empty database, then delete the file."
        )
    return True


def _ledger(given: Namespace) -> list[Any]:
    """What is to be forgotten again."""
    from tocsin.config import archives
    from tocsin.keys import ledger

    path = given.ledger or given.backup.parent / archives.LEDGER
    if given.no_ledger:
        return []
    if not path.is_file():
        if given.backup.suffix != ".age" and given.ledger_number is None:
            return []  # a backup in clear is from a time before there were safes
        raise RefusalError(
            f"There is no ledger of shreddings ({path.name}) beside the backup, so what was shredded since could come "
            "back. Give the newest one with --ledger, or say --no-ledger if there never was one."
        )
    try:
        lines = ledger.read(path)
    except ledger.ForgedLedgerError as error:
        raise RefusalError(
            f"Line {error.number} of {path.name} was not written with this home's secret key, or lines are missing. "
            "Put the old home's secrets/secret_key into this home first; if it is there, the ledger was changed."
        ) from error
    except OSError as error:
        raise RefusalError(f"{path} can't be read.") from error
    end = ledger.end_of(lines)
    if given.ledger_number is not None and end.number < given.ledger_number:
        raise RefusalError(
            f"{path.name} ends at number {end.number}, and you know of {given.ledger_number}: what was shredded since "
            "would come back. Find the newer ledger, and give it with --ledger."
        )
    print(f"The ledger is whole: {end.words}.")
    if given.ledger_number is None:
        print(
            "WARNING: nobody said how long it was, so an older ledger would look the same. Compare the number with the "
            "one that “tocsin backup” said last, and restore anew with --ledger-number if that was higher."
        )
    return lines

"""``tocsin backup``: writes a backup of the database."""

from pathlib import Path

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Write one and say where it is."""
    parser = options.parser("backup", "Write a backup of the database.", options.where())
    parser.add_argument("--to", metavar="FOLDER", type=Path, help="folder (default: backups/ in the home)")
    given = parser.parse_args(arguments)
    options.apply(given)
    settings = start(safe=False)
    from tocsin.config import archives, backups, migrating

    folder = given.to or settings.HOME / "backups"
    sealing = migrating.sealing()
    made = backups.write(settings.DATABASES["default"], folder, migrating.keep(), sealing)
    print(made)
    for one in (made, archives.wraps_beside(made)) if made.suffix == ".age" else ():
        print(f"SHA-256 of {one.name}: {archives.fingerprint(one)}")
    if sealing.signer is not None and made.suffix == ".age":
        print(f"Signed by this home: {sealing.signer.public}. Write that down elsewhere, once.")
    if sealing.end is not None:
        print(f"Ledger: {sealing.end.words}. Write this down elsewhere: a restore asks for the number.")
    return 0

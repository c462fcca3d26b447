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
    from tocsin.config import backups, migrating

    folder = given.to or settings.HOME / "backups"
    print(backups.write(settings.DATABASES["default"], folder, migrating.keep(), migrating.sealing()))
    return 0

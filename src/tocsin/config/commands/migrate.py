"""``tocsin migrate``: backs up the database, then brings it to this version. Makes the home if there is none."""

from tocsin.config import home, options
from tocsin.config.configuration import home_folder
from tocsin.config.starting import load


def main(arguments: list[str]) -> int:
    """Migrate, if anything is pending."""
    parser = options.parser("migrate", "Back up the database, then bring it to this version.", options.where())
    parser.add_argument("--no-backup", action="store_true", help="when the database is backed up by other means")
    given = parser.parse_args(arguments)
    options.apply(given)
    home.prepare(home_folder())
    load()
    from tocsin.config import migrating
    from tocsin.config.safeguards import every

    every.stop_unless_safe(before_database=True)
    if not migrating.migrate(print, backup=not given.no_backup):
        print("The database is up to date.")
    return 0

"""``tocsin lock``: closes every open vault, on every machine, at once."""

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Lock everything; say how many vaults were open here."""
    parser = options.parser("lock", "Close every open vault at once. Each person opens theirs again.", options.where())
    options.apply(parser.parse_args(arguments))
    start(safe=False)
    from tocsin.keys import vaults
    from tocsin.keys.holder.client import NoKeyholderError
    from tocsin.keys.holder.holding import ClosedError

    # First what is at hand, then what needs the database: a thief may hold either.
    try:
        closed = f"{vaults.keyholder().lock_all()} were open here."
    except (NoKeyholderError, ClosedError):
        closed = "The keyholder of this machine holds none."
    vaults.lock_everything(None)
    print(f"Every vault is locked. {closed} Keyholders elsewhere follow within a second.")
    return 0

"""``tocsin replay``: serves recorded data on this machine as its real upstreams would."""

from tocsin.replay import cli


def main(arguments: list[str]) -> int:
    """Hand over to the replay room, which knows no database and no home."""
    return cli.main(arguments)

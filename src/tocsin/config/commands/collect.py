"""``tocsin collect``: fetches from the sources that are due, again and again."""

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Run until asked to end."""
    parser = options.parser("collect", "Fetch from the sources that are due, again and again.", options.where())
    parser.add_argument("--at-once", type=int, default=8, metavar="N", help="sources fetched side by side (default 8)")
    given = parser.parse_args(arguments)
    options.apply(given)
    start()
    from tocsin.config import disk, heartbeat
    from tocsin.config.processes import Ending
    from tocsin.streams.collector import Collector

    collector = Collector(given.at_once)
    Ending(collector.stop)
    with heartbeat.beating("collect", lambda: "" if disk.room_to_collect() else "full"):
        collector.run()
    return 0

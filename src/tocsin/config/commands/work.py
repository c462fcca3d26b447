"""``tocsin work``: turns what arrived into signals and situations, and keeps house."""

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Run until asked to end."""
    parser = options.parser("work", "Turn what arrived into signals and situations, and keep house.", options.where())
    options.apply(parser.parse_args(arguments))
    start()
    from tocsin.config import disk, steps
    from tocsin.config.loop import Loop
    from tocsin.config.processes import Ending

    Loop("work", steps.working(), Ending(), disk.room_to_work).run()
    return 0

"""``tocsin work``: turns what arrived into signals and situations, and keeps house."""

import os

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Run until asked to end."""
    parser = options.parser("work", "Turn what arrived into signals and situations, and keep house.", options.where())
    options.apply(parser.parse_args(arguments))
    # Its products are small: a thread for each core costs more than it brings, and the other core reads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    start()
    from tocsin.config import disk, steps
    from tocsin.config.loop import Loop
    from tocsin.config.processes import Ending, cores
    from tocsin.signals import work as signals

    if cores() > 1:
        signals.read_ahead()
    Loop("work", steps.working(), Ending(), disk.room_to_work).run()
    signals.read_alone()
    return 0

"""``tocsin web``: serves the console and the API."""

import socket

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Serve until asked to end."""
    parser = options.parser("web", "Serve the console and the API.", options.where(), options.address())
    parser.add_argument("--file", type=int, metavar="NUMBER", help="an inherited listening socket instead of a port")
    given = parser.parse_args(arguments)
    options.apply(given)
    settings = start()
    from tocsin.config import connections, pseudo, serving

    if given.file is not None:
        listening = socket.socket(fileno=given.file)
    else:
        listening = connections.bind(settings.CONFIGURATION.host, settings.CONFIGURATION.port)
    pseudo.build(settings.PACKAGE, settings.HOME / "locale")
    serving.serve(listening)
    return 0

"""``tocsin intake``: serves the public door, with nothing of the console loaded."""

import os
import socket

from tocsin.config import options, processes


def main(arguments: list[str]) -> int:
    """Serve until asked to end."""
    parser = options.parser("intake", "Serve the public door for people at risk.", options.where())
    parser.add_argument("--host", metavar="ADDRESS", help="address to listen on (default 127.0.0.1)")
    parser.add_argument(
        "--port", metavar="PORT", type=options.port, help="port to listen on (default: the console's + 100)"
    )
    parser.add_argument("--file", type=int, metavar="NUMBER", help="an inherited listening socket instead of a port")
    given = parser.parse_args(arguments)
    given.intake_host, given.intake_port, given.host, given.port = given.host, given.port, None, None
    options.apply(given)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.intake_settings"
    processes.follow_supervisor()
    from tocsin.config import admitting, connections, doors

    settings = admitting.start()
    if given.file is not None:
        listening = socket.socket(fileno=given.file)
    else:
        listening = connections.bind_door(settings.CONFIGURATION.intake_host, doors.port_of(settings.CONFIGURATION))
    admitting.serve(listening)
    return 0

"""The start of ``tocsin up``: safeguards, database, first account, then the parts under one supervisor."""

import http.client
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection

from tocsin.config import backups, connections, doors, emergency, exercise, migrating
from tocsin.config import home as homes
from tocsin.config.configuration import own_host
from tocsin.config.safeguards import every
from tocsin.config.supervisor import Part, Supervisor


class Start:
    """One start. Everything that can fail does so before the first child is there."""

    def __init__(self, home: Path, say: Callable[[str], None], *, backup: bool, watch: str | None) -> None:
        self._home, self._say, self._backup, self._watch = home, say, backup, watch

    def run(self) -> int:
        """Start, run until asked to end, end."""
        every.stop_unless_safe(before_database=True)
        backups.sweep(self._home)
        configuration = settings.CONFIGURATION
        listening = connections.bind(configuration.host, configuration.port)
        door = connections.bind_door(configuration.intake_host, doors.port_of(configuration))
        migrating.migrate(self._say, self._backup)
        every.stop_unless_safe()
        played = exercise.of(self._home)
        self._subscribe(played)
        homes.note_address(self._home, settings.PUBLIC_URL)
        link = _first_link()
        connection.close()
        parts = self._parts(listening.fileno(), door.fileno(), played)
        supervisor = Supervisor(parts, self._home / "logs", self._say, settings.DEBUG)
        return supervisor.run(_answers, lambda: self._tell(link, played))

    def _parts(self, socket: int, door: int, played: exercise.Exercise | None) -> list[Part]:
        parts = [
            Part("web", ["web", "--file", str(socket)], files=(socket,)),
            Part("keyholder", ["keyholder"], serves_others=True),
            Part("page", ["page"]),
            Part("intake", ["intake", "--file", str(door)], files=(door,)),
            Part("collect", ["collect"]),
            Part("work", ["work"]),
        ]
        if emergency.wanted(settings.CONFIGURATION):
            parts.append(Part("letters", ["letters"]))
        return [*parts, Part("exercise", [], module="tocsin.config.exercise", serves_others=True)] if played else parts

    def _subscribe(self, played: exercise.Exercise | None) -> None:
        if not (played or self._watch):
            return
        from tocsin.config import watching

        if played:
            watching.watch_exercise(played, self._say)
        if self._watch:
            watching.watch(self._watch, self._say)

    def _tell(self, link: str, played: exercise.Exercise | None) -> None:
        self._say("")
        self._say(f"Tocsin {version('tocsin')} is at {settings.PUBLIC_URL}/")
        if played:
            self._say("This is an EXERCISE about invented countries. Nothing in it has happened.")
            self._tell_of_phone(played)
        self._say(f"The public door is at http://{_door()}/")
        self._say(f"Home folder: {self._home}")
        if link:
            self._say(f"Create the first account here (works once):\n\n    {link}\n")
        else:
            self._say("Sign in with your account.")
        self._say("Ctrl-C ends it.")

    def _tell_of_phone(self, played: exercise.Exercise) -> None:
        if exercise.phone_of(self._home, settings.CONFIGURATION) is None:
            self._say("Its pages don't all end on the exercise's phone: delete its home to begin anew.")
        else:
            self._say(f"Its pages ring on the exercise's phone: {played.phone_url}")


def _door() -> str:
    host, port = settings.CONFIGURATION.intake_host, doors.port_of(settings.CONFIGURATION)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _answers() -> bool:
    """Whether the console answers already."""
    host, port = own_host(settings.CONFIGURATION), settings.CONFIGURATION.port
    try:
        with closing(http.client.HTTPConnection(host, port, timeout=2)) as asked:
            asked.request("GET", "/healthz?only=web", headers={"Host": "localhost"})
            return asked.getresponse().status == 200
    except OSError:
        return False


def _first_link() -> str:
    """A link that creates the first account; empty when there is one."""
    from tocsin.people import actions

    path = actions.first_invitation()
    return settings.PUBLIC_URL.rstrip("/") + path if path else ""

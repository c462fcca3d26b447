"""The exercise of ``tocsin up --example``: invented countries, served on loopback and subscribed to like any source.

Its port and the moment at which it began are kept in the home, so that a restart goes on where it was instead of
delivering everything a second time under new dates.
"""

import json
import socket
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.config import processes
from tocsin.config.configuration import home_folder
from tocsin.config.home import write_once

FILE = "exercise.json"


@dataclass(frozen=True, slots=True)
class Exercise:
    """Where it is served and when it began."""

    port: int
    began: datetime

    @property
    def base_url(self) -> str:
        """Its address without a last slash."""
        return f"http://127.0.0.1:{self.port}"


def folder_beside(home: Path) -> Path:
    """The home of the exercise that belongs to a home; the two never mix."""
    return home if (home / FILE).exists() else home.with_name(f"{home.name}-exercise")


def begin(home: Path) -> None:
    """Make this home an exercise's."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    write_once(home / FILE, json.dumps({"port": port, "began": datetime.now(UTC).isoformat()}))


def of(home: Path) -> Exercise | None:
    """The exercise that this home belongs to; None for a home of real work."""
    if not (home / FILE).exists():
        return None
    kept = json.loads((home / FILE).read_text(encoding="utf-8"))
    return Exercise(int(kept["port"]), datetime.fromisoformat(kept["began"]))


def sources(exercise: Exercise) -> list[dict[str, Any]]:
    """The sources that the exercise suggests, with their addresses."""
    from tocsin.replay.directory import suggestions
    from tocsin.replay.exercise import world

    return [each.as_dict(exercise.base_url) for each in suggestions(world(exercise.began))]


def main() -> int:
    """Serve it until asked to end: what the supervisor starts as a child."""
    processes.follow_supervisor()
    exercise = of(home_folder())
    if exercise is None:
        return 2
    from tocsin.replay import exercise as played
    from tocsin.replay import serve

    ending = processes.Ending()
    with serve(world=played.world(exercise.began), port=exercise.port):
        while not ending.wait(60):
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The exercise of ``tocsin up --example``: invented countries, served on loopback and subscribed to like any source.

Its ports and the moment at which it began are kept in the home, so that a restart goes on where it was instead of
delivering everything a second time under new dates. Its server is the provider of every channel as well: what the pager
sends ends on the page “The exercise's phone”, and nowhere else.
"""

import json
import os
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.config import home as homes
from tocsin.config import processes
from tocsin.config.configuration import Configuration, home_folder, load, own_host, public_url, secret

if TYPE_CHECKING:
    from tocsin.replay import World

FILE = "exercise.json"
# The account at the exercise's provider. A home of real work that names it is refused.
ACCOUNT = "exercise"
OUR_NUMBER, FIRST_NUMBER = "+10000000000", "+10000000001"
MAIL_FROM = "pager@exercise.invalid"
SECRETS = ("sms_token", "ntfy_token")


@dataclass(frozen=True, slots=True)
class Exercise:
    """Where it is served and when it began. ``mail_port`` is 0 in an exercise that began before it had a phone."""

    port: int
    began: datetime
    mail_port: int = 0

    @property
    def base_url(self) -> str:
        """Its address without a last slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def phone_url(self) -> str:
        """The page that shows what its pager sent."""
        return f"http://localhost:{self.port}/phone"


def folder_beside(home: Path) -> Path:
    """The home of the exercise that belongs to a home; the two never mix."""
    return home if (home / FILE).exists() else home.with_name(f"{home.name}-exercise")


def prepare(home: Path) -> None:
    """Make what is missing of an exercise's home, with its own phone as the only provider.

    Raises:
        RefusalError: when the folder can't be made.
    """
    homes.make_folders(home)
    homes.write_once(home / FILE, _beginning())
    begun = of(home)
    assert begun is not None
    # Secrets that somebody else hands over are theirs to choose, and so are the channels.
    ours = "TOCSIN_SECRETS" not in os.environ
    if ours and not (home / "tocsin.toml").exists():
        # Before the settings that need them, so that a start that dies in between is made good by the next.
        for name in SECRETS:
            homes.write_once(home / "secrets" / name, secrets.token_urlsafe(32) + "\n")
    homes.prepare(home, exercise=True, **(_channels(begun) if ours else {}))


def _beginning() -> str:
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        ports = []
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    return json.dumps({"port": ports[0], "mail_port": ports[1], "began": datetime.now(UTC).isoformat()})


def _channels(exercise: Exercise) -> dict[str, Any]:
    """The settings of every channel that ends on the phone."""
    if not exercise.mail_port:
        return {}
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": exercise.mail_port,
        "smtp_security": "none",
        "mail_from": MAIL_FROM,
        "sms_url": exercise.base_url,
        "sms_account": ACCOUNT,
        "sms_from": OUR_NUMBER,
        "voice_from": OUR_NUMBER,
        "ntfy_url": f"{exercise.base_url}/ntfy",
    }


def phone_of(home: Path, configuration: Configuration) -> Exercise | None:
    """The exercise whose phone gets every page of this home; None where there is none, or other ways are set up."""
    exercise = of(home)
    if exercise is None or not exercise.mail_port or not configuration.exercise:
        return None
    ours = all(getattr(configuration, name) == value for name, value in _channels(exercise).items())
    others = configuration.webhook or configuration.apprise_schemes or configuration.signal_url
    return exercise if ours and not others else None


def of(home: Path) -> Exercise | None:
    """The exercise that this home belongs to; None for a home of real work."""
    if not (home / FILE).exists():
        return None
    kept = json.loads((home / FILE).read_text(encoding="utf-8"))
    return Exercise(int(kept["port"]), datetime.fromisoformat(kept["began"]), int(kept.get("mail_port", 0)))


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
    with _with_phone(played.world(exercise.began), exercise) as world, serve(world=world, port=exercise.port):
        while not ending.wait(60):
            pass
    return 0


@contextmanager
def _with_phone(world: "World", exercise: Exercise) -> Iterator["World"]:
    """The world and its phone, for as long as the block runs."""
    home = home_folder()
    configuration = load(home)
    token, push_token = (secret(home, name) for name in SECRETS)
    if phone_of(home, configuration) is None or not token or not push_token:
        yield world
        return
    from tocsin.replay.phone import Console, MailBox, Phone

    console = Console(public_url(configuration), own_host(configuration), configuration.port, token)
    with ExitStack() as stack:
        phone = Phone(console, ACCOUNT, OUR_NUMBER, push_token, FIRST_NUMBER)
        stack.callback(phone.end)
        stack.callback(MailBox(phone.screen, MAIL_FROM, exercise.mail_port).end)
        yield replace(world, endpoints=(*world.endpoints, *phone.endpoints()))


if __name__ == "__main__":
    sys.exit(main())

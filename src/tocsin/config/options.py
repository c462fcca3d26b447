"""Options that several commands share. They become environment variables, so that child processes see the same."""

import argparse
import os
from pathlib import Path


def where() -> argparse.ArgumentParser:
    """The options that say which home and which database; use it as a parent."""
    made = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    made.add_argument("--home", metavar="FOLDER", help="home folder (default: the user's data folder)")
    made.add_argument("--database", metavar="ADDRESS", help="PostgreSQL address; default: SQLite in the home")
    return made


def address() -> argparse.ArgumentParser:
    """The options that say where the console is served; use it as a parent."""
    made = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    made.add_argument("--host", metavar="ADDRESS", help="address to listen on (default 127.0.0.1)")
    made.add_argument("--port", metavar="PORT", type=port, help="port to listen on (default 8500)")
    return made


def parser(name: str, about: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """An argument parser for one command."""
    return argparse.ArgumentParser(prog=f"tocsin {name}", description=about, parents=list(parents), allow_abbrev=False)


def apply(given: argparse.Namespace) -> None:
    """Put what was given into the environment, before the settings are read."""
    if getattr(given, "home", None):
        os.environ["TOCSIN_HOME"] = str(Path(given.home).expanduser().resolve())
    for name in ("database", "host", "port", "intake_host", "intake_port"):
        if (value := getattr(given, name, None)) is not None:
            os.environ[f"TOCSIN_{name.upper()}"] = str(value)


def take_home(words: list[str]) -> list[str]:
    """Apply ``--home`` for a command that has options of its own; gives the other words."""
    if "--" in words:
        cut = words.index("--")
        return take_home(words[:cut]) + words[cut:]
    made = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    made.add_argument("--home")
    given, rest = made.parse_known_args(words)
    apply(given)
    return rest


def port(text: str) -> int:
    """A port as it is typed."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)

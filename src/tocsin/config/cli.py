"""The command line: finds the command and runs it."""

import difflib
import json
import os
import sys
import time
from collections.abc import Iterable
from importlib.metadata import version

from tocsin.config import options, processes
from tocsin.config.commands import COMMANDS, find
from tocsin.config.configuration import ConfigurationError
from tocsin.config.refusal import RefusalError
from tocsin.lib.logs import where


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit code. 2 says that the command itself could not be used."""
    words = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.config.settings")
    try:
        return _run(words)
    except (ConfigurationError, RefusalError) as refusal:
        _complain(refusal.args[0])
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # its text may quote what somebody wrote
        if os.environ.get("TOCSIN_DEBUG"):
            raise
        _complain(f"It failed: {where(type(error), error.__traceback__)}. “tocsin check” may tell why.")
        return 1
    except BrokenPipeError:
        # The reader of our output has gone; writing the rest at exit would only fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(words: list[str]) -> int:
    if not words or words[0] in {"help", "-h", "--help"}:
        return _help(words[1:])
    if words[0] in {"--version", "version"}:
        print(f"tocsin {version('tocsin')}")
        return 0
    if (command := find(words[0])) is not None:
        return command.run(words[1:])
    return _management(words[0], words[1:])


def _complain(line: str) -> None:
    """To a person as it is; to the supervisor as a log entry, so that it stands in the part's log."""
    if processes.supervised():
        line = json.dumps({"at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "level": "error", "event": line})
    print(line, file=sys.stderr)


def _help(words: list[str]) -> int:
    if words and words[0] != "help":
        return _help_for(words[0])
    print("tocsin COMMAND [options]. Each command explains itself: tocsin help COMMAND\n")
    for command in COMMANDS:
        print(f"  {command.name:<10} {command.about}")
    print("\nAny management command of Django works too, such as: tocsin shell, tocsin dbshell")
    return 0


def _help_for(name: str) -> int:
    if (command := find(name)) is not None:
        return command.run(["--help"])
    return _management(name, ["--help"])


def _management(name: str, words: list[str]) -> int:
    rest = options.take_home(words)
    from django.core.management import ManagementUtility, get_commands

    known = get_commands()
    if name not in known:
        # Our own commands first: most people mean one of them.
        ours = [one.name for one in COMMANDS]
        near = [*_near(name, ours), *_near(name, known)][:3]
        hint = f" Did you mean {', '.join(dict.fromkeys(near))}?" if near else ""
        print(f"There is no command “{name}”.{hint} tocsin help lists all.", file=sys.stderr)
        return 2
    ManagementUtility(["tocsin", name, *rest]).execute()
    return 0


def _near(name: str, known: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)


if __name__ == "__main__":
    sys.exit(main())

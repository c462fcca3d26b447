"""Makes the processes of a house by forking one that has loaded everything: a start costs milliseconds, not seconds.

What is forked is a process of its own, with connections, leases and signals of its own, as one that was started by
hand. It runs the same command and may be killed and stopped in the same way. Only the loading is shared.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parents[2]


class Forge:
    """The process that loaded everything; ``environment`` names the home and the database of what it makes."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        words = [sys.executable, "-m", "tests.stories.forge"]
        self._process = subprocess.Popen(
            words, env=dict(environment), cwd=_HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, module: str, words: Sequence[str], given: str, out: Path) -> "Forged":
        """Start ``python -m MODULE WORDS``; it reads what is given, and its output goes to the end of a file."""
        asked = {"module": module, "words": list(words), "given": given, "out": str(out)}
        return Forged(self, int(self.ask(asked)))

    def ask(self, what: Mapping[str, Any]) -> Any:
        """One question and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(what), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        """End it; what it made and what still runs is killed."""
        self._process.communicate()


class Forged:
    """One process that was made, with the few verbs of ``subprocess.Popen`` that houses need."""

    def __init__(self, forge: Forge, pid: int) -> None:
        self._forge, self.pid = forge, pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code if it has ended, the signal's number below zero if that ended it."""
        return self._ended(os.WNOHANG)

    def wait(self) -> int:
        """The same, once it has ended."""
        code = self._ended(0)
        assert code is not None
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, how: int) -> int | None:
        if self._code is None:
            self._code = self._forge.ask({"pid": self.pid, "how": how})
        return self._code


def main() -> None:
    """In the process itself: load everything, then make what is asked for until nobody asks any more."""
    _load()
    made: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        if "pid" in asked:
            pid, status = os.waitpid(asked["pid"], asked["how"])
            made.discard(pid)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = _fork(asked)
            made.add(answer)
        print(json.dumps(answer), flush=True)
    for pid in made:
        os.kill(pid, signal.SIGKILL)


def _load() -> None:
    from tocsin.config import home
    from tocsin.config.configuration import home_folder
    from tocsin.config.starting import load

    home.prepare(home_folder())
    load()
    from tests.stories import house_program  # noqa: F401
    from tocsin.analysis.text import Text, read
    from tocsin.config import loop, migrating, steps  # noqa: F401
    from tocsin.streams import collector  # noqa: F401

    steps.working()
    read(Text(title="Wikipedia editor arrested in Turkey", body="Police in Ankara arrested an editor."))


def _fork(asked: Mapping[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        _become(asked)
        code = _run(asked["module"], asked["words"])
        sys.stdout.flush()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _become(asked: Mapping[str, Any]) -> None:
    """Its own input and output, and a name of its own on leases."""
    with tempfile.TemporaryFile() as given, Path(asked["out"]).open("ab") as out:
        given.write(asked["given"].encode())
        given.seek(0)
        for end, standard in ((given, 0), (out, 1), (out, 2)):
            os.dup2(end.fileno(), standard)
    sys.stdin = os.fdopen(0)
    from tocsin.lib import claims

    mine, name = claims.HOLDER, f"forged:{secrets.token_hex(6)}"
    for module in list(sys.modules.values()):
        if getattr(module, "HOLDER", None) == mine:
            vars(module)["HOLDER"] = name
    claims.take_lease.__defaults__ = claims.drop_lease.__defaults__ = (name,)


def _run(module: str, words: Sequence[str]) -> int:
    if module == "tests.stories.house_program":
        from tests.stories import house_program

        house_program.main(words[0])
        return 0
    from tocsin.config import cli

    return cli.main(list(words))


if __name__ == "__main__":
    main()

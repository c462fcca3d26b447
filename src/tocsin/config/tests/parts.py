"""A supervisor over small parts, as a program of its own: ``python -m tocsin.config.tests.parts FOLDER PART…``.

A part is named after what it does: ``waits`` ends when asked, ``deaf`` does not, ``dies`` ends by itself at once,
``anew`` ends because it was told to begin anew, ``serves`` is there for the others.
"""

import os
import signal
import sys
import time
from pathlib import Path

from tocsin.config import processes
from tocsin.config.supervisor import Part, Supervisor


def part(name: str, folder: Path) -> None:
    """Write one's process id as a line, then behave as named."""
    processes.follow_supervisor()
    if name == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: _end(name, folder))
    with (folder / name).open("a") as out:
        out.write(f"{os.getpid()}\n")
    if name == "dies":
        sys.exit(3)
    if name == "anew" and len((folder / name).read_text().split()) == 1:
        sys.exit(processes.BEGIN_ANEW)
    while True:
        time.sleep(60)


def _end(name: str, folder: Path) -> None:
    with (folder / "ended").open("a") as out:
        out.write(f"{name}\n")
    sys.exit(0)


def supervise(folder: Path, names: list[str]) -> int:
    """Run them; the second and those after it start when the first does."""
    parts = [
        Part(name, ["--part", name, str(folder)], module="tocsin.config.tests.parts", serves_others=name == "serves")
        for name in names
    ]
    made = Supervisor(parts, folder, lambda line: print(line, flush=True))
    return made.run(lambda: (folder / names[0]).exists(), lambda: None)


if __name__ == "__main__":
    if sys.argv[1] == "--part":
        part(sys.argv[2], Path(sys.argv[3]))
    sys.exit(supervise(Path(sys.argv[1]), sys.argv[2:]))

"""The public door with a leak that a test planted: what comes in is also written in clear, as a framework would."""

import sys
import tempfile
from pathlib import Path

from tocsin.config.commands import intake
from tocsin.intake.storing import Incoming

_write = Incoming.write


def _leaking(self: Incoming, data: bytes) -> None:
    if not hasattr(_leaking, "file"):
        _leaking.file = tempfile.TemporaryFile()  # type: ignore[attr-defined]  # noqa: SIM115  # open to the end
        _leaking.file.write(b"x")  # type: ignore[attr-defined]
    _leaking.file.write(data)  # type: ignore[attr-defined]
    _leaking.file.flush()  # type: ignore[attr-defined]
    _write(self, data)


if __name__ == "__main__":
    Incoming.write = _leaking  # type: ignore[assignment, method-assign]
    Path(tempfile.gettempdir()).mkdir(exist_ok=True)
    sys.exit(intake.main(sys.argv[2:]))

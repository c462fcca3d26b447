"""What a safeguard says of itself."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether a safeguard holds. A warning is shown; a fatal one stops the start."""

    HOLDS = "holds"
    WARNING = "warning"
    FATAL = "missing"


@dataclass(frozen=True, slots=True)
class Safeguard:
    """A safeguard: its name, its state, what was found in one line, and the mend (empty where it holds)."""

    name: str
    state: State
    line: str
    mend: str = ""


def holds(name: str, line: str) -> Safeguard:
    """It holds."""
    return Safeguard(name, State.HOLDS, line)


def warning(name: str, line: str, mend: str) -> Safeguard:
    """It does not hold fully; work goes on."""
    return Safeguard(name, State.WARNING, line, mend)


def fatal(name: str, line: str, mend: str) -> Safeguard:
    """It is missing, and nothing starts without it."""
    return Safeguard(name, State.FATAL, line, mend)

"""Says which walls of the jail stand on this machine."""

from dataclasses import dataclass

from tocsin.lib.jail import syscalls
from tocsin.lib.jail.running import guards_in_force

_WORDS = {
    "limits": ("memory, processor time and files are limited", "limits on memory and time can't all be set"),
    "privileges": ("no new privileges can be gained", "the system can't forbid new privileges"),
    "files": ("only program files can be read", "any file that this account can read is open to a parser"),
    "calls": ("network, processes and writing are forbidden", "network and processes are not forbidden"),
}


@dataclass(frozen=True, slots=True)
class Guard:
    """One wall of the jail: whether it stands, and one plain line about it that names the mend."""

    name: str
    on: bool
    words: str


def capabilities() -> list[Guard]:
    """Start a jailed process and report which guards were truly in force in it (about 50 ms)."""
    state = guards_in_force()
    return [Guard(name, state.get(name, False), _line(name, state.get(name, False))) for name in _WORDS]


def _line(name: str, on: bool) -> str:
    good, bad = _WORDS[name]
    if on:
        return f"Parsers run apart: {good}."
    if name == "calls":
        cause = syscalls.compiled().missing or "the kernel refuses the filter"
        return f"Parsers run with less protection: {bad}, because {cause}. Install the package libseccomp2."
    if name == "files":
        return f"Parsers run with less protection: {bad}. A kernel with Landlock (Linux 5.13 or later) mends it."
    return f"Parsers run with less protection: {bad}. Run on Linux to mend it."

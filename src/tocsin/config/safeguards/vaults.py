"""Safeguards of the sealed world: that vaults can be opened, and that what is held open stays in memory."""

from pathlib import Path

from tocsin.config.safeguards.base import Safeguard, holds, warning
from tocsin.keys.holder.client import NoKeyholderError
from tocsin.keys.holder.holding import ClosedError
from tocsin.keys.vaults import keyholder

_SWAPS = Path("/proc/swaps")


def vaults_can_be_opened() -> Safeguard:
    """The keyholder of this machine answers."""
    try:
        keyholder().state(bytes(32))
    except ClosedError:
        return holds("keyholder", "The keyholder answers.")
    except NoKeyholderError:
        pass
    return warning(
        "keyholder",
        "No keyholder answers on this machine: nobody can open what is sealed.",
        "Start it: tocsin keyholder (tocsin up does). On a machine without console it is not needed.",
    )


def memory_stays_in_memory() -> Safeguard:
    """Nothing that a process holds is written to a swap that can be read later."""
    try:
        areas = [line.split()[0] for line in _SWAPS.read_text().splitlines()[1:]]
    except OSError:
        return warning("swap", "Whether this system swaps can't be told.", "Switch swap off, or encrypt it.")
    plain = [one for one in areas if not one.startswith(("/dev/dm-", "/dev/mapper/", "/dev/zram"))]
    if plain:
        line = f"What pages show may be written to {', '.join(plain)} in clear."
        return warning("swap", line, "Switch swap off, or encrypt it with a key that is made anew at each start.")
    return holds("swap", "Swap is off, in memory, or encrypted.")

"""What the worker does for this room. It holds no key: it knows of moments, not of whom they are about."""

from tocsin.cases import checkins
from tocsin.lib.claims import hold


def step() -> bool:
    """Call whoever is on duty about silences; False when there was none."""
    return hold("cases.work") and checkins.call_silent()

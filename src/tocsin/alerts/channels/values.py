"""Reads the settings of channels: plain text, and what a base address must be."""

from tocsin.alerts.channels import addresses
from tocsin.alerts.channels.base import Ready, Settings


def text(settings: Settings, name: str) -> str:
    """A plain setting; empty if there is none."""
    return str(settings.values.get(name, "") or "").strip()


def sender(settings: Settings, name: str) -> str:
    """A number of ours in its one form; what is no phone number stands as it is: a short code, a service, a name."""
    try:
        return addresses.phone(text(settings, name))
    except addresses.AddressError:
        return text(settings, name)


def secret(settings: Settings, name: str) -> str:
    """A secret; empty if there is none."""
    return settings.secrets.get(name, "").strip()


def missing(settings: Settings, names: tuple[str, ...], secrets: tuple[str, ...] = ()) -> Ready | None:
    """What is not set up; None if nothing is missing."""
    without = [f"{name} in tocsin.toml" for name in names if not text(settings, name)]
    without += [f"the file secrets/{name}" for name in secrets if not secret(settings, name)]
    return Ready(False, f"Set {' and '.join(without)}.") if without else None


def base_address(settings: Settings, name: str) -> str:
    """A provider's base address without a slash at its end."""
    return text(settings, name).rstrip("/")


def unsafe(settings: Settings, name: str) -> Ready | None:
    """Why this base address can't be used; None if it can."""
    if addresses.safe_to_call(base_address(settings, name)):
        return None
    line = f"{name} must begin with https://, or lead to this machine itself, and hold no password and no query."
    return Ready(False, line, wrong=True)

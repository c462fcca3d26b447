"""Safeguards of the console: its address, its headers, its second factor, its look."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

from tocsin.config.safeguards.base import Safeguard, fatal, holds, warning

_NONE, _SELF = "'none'", "'self'"
SECOND_FACTOR = "tocsin.people.middleware.second_factor"


def debug_is_off() -> Safeguard:
    """Errors are never shown to strangers."""
    if not settings.DEBUG:
        return holds("debug", "Off.")
    if served_on_loopback():
        return warning("debug", "On, for this machine alone.", "Set debug = false in tocsin.toml.")
    return fatal("debug", "On, where others can reach it.", "Set debug = false in tocsin.toml.")


def address_is_protected() -> Safeguard:
    """What people type travels encrypted, unless it never leaves this machine."""
    if settings.SECURE:
        return holds("address", f"{settings.PUBLIC_URL} is encrypted on its way.")
    if served_on_loopback():
        return holds("address", f"{settings.PUBLIC_URL} is reached from this machine alone.")
    mend = 'Put a proxy with TLS before it and set public_url = "https://…", or set host = "127.0.0.1".'
    return fatal("address", f"Passwords would travel in the clear to {settings.PUBLIC_URL}.", mend)


def content_policy_holds() -> Safeguard:
    """Pages load nothing from elsewhere and run no inline script."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    loose = [name for name, values in directives.items() if not set(values) <= {_NONE, _SELF}]
    wide = loose or directives.get("default-src") != [_NONE]
    if wide or "csp.middleware.CSPMiddleware" not in settings.MIDDLEWARE:
        mend = "Take the exception out of CONTENT_SECURITY_POLICY in the settings."
        return fatal("content policy", f"It has exceptions: {', '.join(loose) or 'default-src'}.", mend)
    return holds("content policy", "No exceptions and no foreign host.")


def second_factor_is_asked() -> Safeguard:
    """A password alone opens nothing."""
    if SECOND_FACTOR in settings.MIDDLEWARE:
        return holds("second factor", "Asked of everybody before any page.")
    return fatal("second factor", "Nothing asks for it.", "Put the second factor's middleware back into MIDDLEWARE.")


def look_is_built() -> Safeguard:
    """Pages have their look; without it the plain sheet serves and everything still works."""
    if settings.STATICFILES_DIRS:
        return holds("look", "Built from the locked parts.")
    return warning("look", "The plain sheet is used.", "With a network, the next ./tocsin up builds it.")


def served_on_loopback() -> bool:
    """Whether only this machine can reach the console."""
    return all(_loopback(name) for name in (settings.CONFIGURATION.host, urlsplit(settings.PUBLIC_URL).hostname or ""))


def _loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
